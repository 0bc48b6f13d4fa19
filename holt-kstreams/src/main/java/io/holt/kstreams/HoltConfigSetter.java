package io.holt.kstreams;

import java.util.Map;

/**
 * Sets the options of each store of an application by program, as {@code RocksDBConfigSetter} does for RocksDB's.
 *
 * <p>Give the class, or its name, as {@value HoltStoreConfig#CONFIG_SETTER_CONFIG}. It needs a public constructor
 * without parameters. One is made for each store that opens.
 */
@FunctionalInterface
public interface HoltConfigSetter {

    /**
     * Sets what is to differ from the application's options. Called by the thread that opens the store, before
     * anything of it is touched; whatever this throws keeps the store from opening.
     *
     * @param storeName the store's name, as the topology knows it
     * @param settings what the application's options say, to be changed
     * @param configs the properties of the application
     */
    void setConfig(String storeName, HoltStoreSettings settings, Map<String, Object> configs);
}
