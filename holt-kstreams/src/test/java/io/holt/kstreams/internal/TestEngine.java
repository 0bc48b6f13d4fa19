package io.holt.kstreams.internal;

import java.io.IOException;
import java.nio.file.Path;

/** What the databases of a test are made of. */
public interface TestEngine {

    StoreDatabases databases();

    /**
     * The directory of a task as it would be found after the process died at this moment. Stores in it are opened from
     * the directory that is returned, while those of the given one stay open or not.
     *
     * @param target an empty directory
     */
    Path afterCrash(Path taskDirectory, Path target) throws IOException;

    /** The engine that tests use: {@code -Dholt.test.engine=model|memory|file}. */
    static TestEngine create() {
        String name = System.getProperty("holt.test.engine", "file");
        return switch (name) {
            case "model" -> SimulatedDisk.ofModels();
            case "file" -> new FileEngine();
            case "memory" -> SimulatedDisk.ofMemory();
            default -> throw new IllegalArgumentException("no engine of tests is called " + name);
        };
    }
}
