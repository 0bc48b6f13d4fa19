package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.internal.memory.BlobBufPool;
import io.holt.testkit.FileTrees;
import io.holt.testkit.ModelDb;
import io.holt.testkit.Program;
import io.holt.testkit.ProgramRunner;
import io.holt.testkit.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Random programs on the engine and on sorted maps give the same answers at every step. */
class TreeModelTest {

    private static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(192L << 20).build();

    @Property(tries = 150)
    void smallKeys(@ForAll("small") List<Program.Step> program) {
        agree(program);
    }

    @Property(tries = 60)
    void wideAndDeepKeys(@ForAll("wide") List<Program.Step> program) {
        agree(program);
    }

    @Property(tries = 40)
    void manyRecordsOverSeveralFrames(@ForAll("bulky") List<Program.Step> program) {
        agree(program);
    }

    @Property(tries = 40)
    void onFilesWithReopening(@ForAll("small") List<Program.Step> program, @ForAll Durability durability)
            throws IOException {
        agreeOnFiles(program, durability, 192L << 20);
    }

    @Property(tries = 25)
    void manyRecordsOnFilesWithReopening(@ForAll("bulky") List<Program.Step> program) throws IOException {
        agreeOnFiles(program, Durability.ASYNC, 192L << 20);
    }

    /** Most frames are evicted again and again. */
    @Property(tries = 15)
    void manyRecordsInLittleMemory(@ForAll("bulky") List<Program.Step> program) throws IOException {
        agreeOnFiles(program, Durability.ASYNC, 8L << 20);
    }

    @Property(tries = 10)
    void wideAndDeepKeysOnFilesWithReopening(@ForAll("wide") List<Program.Step> program) throws IOException {
        agreeOnFiles(program, Durability.NONE, 192L << 20);
    }

    /** In place of a clean close: the files as they are in that moment, which is what a killed process leaves. */
    @Property(tries = 40)
    void onFilesWithReplayOfTheLog(@ForAll("small") List<Program.Step> program) throws IOException {
        agreeAfterCrashes(program);
    }

    @Property(tries = 12)
    void manyRecordsOnFilesWithReplayOfTheLog(@ForAll("bulky") List<Program.Step> program) throws IOException {
        agreeAfterCrashes(program);
    }

    private static void agreeAfterCrashes(List<Program.Step> program) throws IOException {
        Path directory = Files.createTempDirectory("holt-model");
        HoltOptions options = HoltOptions.builder().memoryBytes(192L << 20).build();
        Path[] present = {directory.resolve("0")};
        int[] crashes = {0};
        try (HoltDb model = new ModelDb()) {
            ProgramRunner runner = new ProgramRunner(Holt.open(present[0], options), model, db -> {
                Path copy = directory.resolve(String.valueOf(++crashes[0]));
                FileTrees.copy(present[0], copy);
                db.close();
                present[0] = copy;
                return Holt.open(copy, options);
            });
            runner.run(program).close();
        } finally {
            FileTrees.delete(directory);
        }
    }

    private static void agreeOnFiles(List<Program.Step> program, Durability durability, long memoryBytes)
            throws IOException {
        Path directory = Files.createTempDirectory("holt-model");
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(memoryBytes)
                .durability(durability)
                .build();
        long before = BlobBufPool.liveBytes();
        try (HoltDb model = new ModelDb()) {
            ProgramRunner runner = new ProgramRunner(Holt.open(directory, options), model, db -> {
                db.close();
                return Holt.open(directory, options);
            });
            runner.run(program).close();
        } finally {
            FileTrees.delete(directory);
        }
        assertThat(BlobBufPool.liveBytes()).isEqualTo(before);
    }

    @Provide
    Arbitrary<List<Program.Step>> small() {
        return Programs.ofSteps(Programs.smallKeys(), Programs.smallValues(), 120);
    }

    @Provide
    Arbitrary<List<Program.Step>> wide() {
        return Programs.ofSteps(Programs.anyKeys(), Programs.anyValues(), 60);
    }

    @Provide
    Arbitrary<List<Program.Step>> bulky() {
        return Programs.ofSteps(Programs.pathKeys(), Programs.mediumValues(), 400);
    }

    private static void agree(List<Program.Step> program) {
        try (HoltDb db = Holt.inMemory(OPTIONS);
                HoltDb model = new ModelDb()) {
            new ProgramRunner(db, model).run(program);
            assertThat(db.stats().preImages()).isZero();
        }
    }
}
