package io.holt;

import static io.holt.TwoTrees.bytes;
import static io.holt.TwoTrees.key;
import static io.holt.TwoTrees.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.RenameResult;
import io.holt.api.TreeView;
import io.holt.api.WriteBatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A call, and what it does to the model.
 *
 * @param call checks its answer too
 */
record TreeVerb(Consumer<TwoTrees> call, Consumer<TwoTrees> model) {

    /** By name; of trees with so many records in directories, one with a version, and a large one. */
    static Map<String, TreeVerb> all(int records) {
        Map<String, TreeVerb> verbs = new LinkedHashMap<>();
        byte[] value = value(99, 1500);
        String old = key(7);
        String other = key(records - 4);
        renames(verbs, old, other);
        puts(verbs, value, old, other);
        removals(verbs, old);
        batches(verbs, value, old, other, records);
        return verbs;
    }

    private static void renames(Map<String, TreeVerb> verbs, String old, String other) {
        verbs.put(
                "rename",
                new TreeVerb(
                        t -> assertThat(t.a().rename(bytes(old), bytes("new"), false))
                                .isEqualTo(RenameResult.RENAMED),
                        t -> t.modelA().put("new", t.modelA().remove(old))));
        verbs.put(
                "rename with force",
                new TreeVerb(
                        t -> assertThat(t.a().rename(bytes(old), bytes(other), true))
                                .isEqualTo(RenameResult.RENAMED),
                        t -> t.modelA().put(other, t.modelA().remove(old))));
        verbs.put(
                "rename of a large value",
                new TreeVerb(
                        t -> assertThat(t.a().rename(bytes("large"), bytes(other), true))
                                .isEqualTo(RenameResult.RENAMED),
                        t -> t.modelA().put(other, t.modelA().remove("large"))));
    }

    private static void puts(Map<String, TreeVerb> verbs, byte[] value, String old, String other) {
        verbs.put(
                "compareAndPut",
                new TreeVerb(
                        t -> {
                            long version = t.a().version(bytes("versioned"));
                            assertThat(t.a().compareAndPut(bytes("versioned"), version, value))
                                    .isGreaterThan(version);
                        },
                        t -> t.modelA().put("versioned", value)));
        verbs.put(
                "compareAndPut of a new key",
                new TreeVerb(
                        t -> assertThat(t.a().compareAndPut(bytes("new"), TreeView.ABSENT, value))
                                .isPositive(),
                        t -> t.modelA().put("new", value)));
        verbs.put(
                "putVersioned",
                new TreeVerb(
                        t -> assertThat(t.a().putVersioned(bytes(old), value)).isPositive(),
                        t -> t.modelA().put(old, value)));
        verbs.put(
                "putMany",
                new TreeVerb(
                        t -> t.a().putMany(new byte[][] {bytes(old), bytes(other)}, new byte[][] {value, null}, 2),
                        t -> {
                            t.modelA().put(old, value);
                            t.modelA().remove(other);
                        }));
        verbs.put(
                "putAllIfAbsent",
                new TreeVerb(
                        t -> {
                            boolean[] written = new boolean[2];
                            t.a().putAllIfAbsent(
                                            new byte[][] {bytes(old), bytes("new")},
                                            new byte[][] {value, value},
                                            written);
                            assertThat(written).containsExactly(false, true);
                        },
                        t -> t.modelA().put("new", value)));
    }

    private static void removals(Map<String, TreeVerb> verbs, String old) {
        verbs.put(
                "deleteIfVersion",
                new TreeVerb(
                        t -> assertThat(t.a().deleteIfVersion(bytes(old), TreeView.NO_VERSION))
                                .isTrue(),
                        t -> t.modelA().remove(old)));
        verbs.put(
                "getAndDelete",
                new TreeVerb(
                        t -> assertThat(t.a().getAndDelete(bytes("large"))).hasSize(700_000),
                        t -> t.modelA().remove("large")));
        verbs.put(
                "deletePrefix",
                new TreeVerb(
                        t -> assertThat(t.a().deletePrefix(bytes("dir-3/"))).isTrue(),
                        t -> t.modelA().keySet().removeIf(key -> key.startsWith("dir-3/"))));
    }

    private static void batches(Map<String, TreeVerb> verbs, byte[] value, String old, String other, int records) {
        verbs.put(
                "a small batch",
                batch(
                        (t, batch) -> batch.assertAbsent(t.b(), bytes("new"))
                                .put(t.a(), bytes(old), value)
                                .putVersioned(t.b(), bytes("new"), value)
                                .delete(t.b(), bytes(other)),
                        t -> {
                            t.modelA().put(old, value);
                            t.modelB().put("new", value);
                            t.modelB().remove(other);
                        }));
        verbs.put(
                "a batch of many",
                batch(
                        (t, batch) -> {
                            for (int i = 0; i < records; i += 3) {
                                batch.put(t.a(), bytes(key(i)), value).delete(t.b(), bytes(key(i)));
                            }
                        },
                        t -> {
                            for (int i = 0; i < records; i += 3) {
                                t.modelA().put(key(i), value);
                                t.modelB().remove(key(i));
                            }
                        }));
        verbs.put(
                "a batch with a rename and a prefix",
                batch(
                        (t, batch) -> batch.rename(t.a(), bytes(old), bytes("new"), false)
                                .deletePrefix(t.b(), bytes("dir-1/"))
                                .put(t.b(), bytes("dir-1/again"), value),
                        t -> {
                            t.modelA().put("new", t.modelA().remove(old));
                            t.modelB().keySet().removeIf(key -> key.startsWith("dir-1/"));
                            t.modelB().put("dir-1/again", value);
                        }));
        byte[] large = value(3, 900_000);
        verbs.put(
                "a batch with a large value",
                batch((t, batch) -> batch.put(t.b(), bytes("first"), value).put(t.a(), bytes("large"), large), t -> {
                    t.modelB().put("first", value);
                    t.modelA().put("large", large);
                }));
    }

    interface Filling {
        void fill(TwoTrees trees, WriteBatch batch);
    }

    static TreeVerb batch(Filling filling, Consumer<TwoTrees> model) {
        return new TreeVerb(
                t -> {
                    WriteBatch batch = t.db.newBatch();
                    filling.fill(t, batch);
                    batch.commit();
                },
                model);
    }
}
