package io.holt.examples.flink;

import java.io.Serializable;

/**
 * A state backend by its name on the page and by what {@code state.backend.type} is set to for it. Immutable.
 *
 * @param name for people
 * @param type a name that Flink knows, or the class name of a factory
 */
record Backend(String name, String type) implements Serializable {

    private static final String HOLT = "io.holt.flink.HoltStateBackendFactory";

    /**
     * The backend of that name.
     *
     * @param name {@code holt}, {@code hashmap}, {@code rocksdb} or the class name of a factory
     * @throws IllegalArgumentException if it is none of them
     */
    static Backend of(String name) {
        return switch (name) {
            case "holt" -> new Backend(name, HOLT);
            case "hashmap", "rocksdb" -> new Backend(name, name);
            default -> ofFactory(name);
        };
    }

    private static Backend ofFactory(String className) {
        try {
            Class<?> factory = Class.forName(className, false, Backend.class.getClassLoader());
            return new Backend(factory.getSimpleName(), className);
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException(
                    "'" + className + "' is no state backend: give holt, hashmap, rocksdb or the class name of a "
                            + "factory that is on the class path",
                    e);
        }
    }
}
