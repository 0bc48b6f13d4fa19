package io.holt.benchmarks.flink;

import io.holt.flink.HoltStateBackend;
import java.util.Locale;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;

/** Keyed state backends, each as it is if nothing is configured. */
enum BackendKind {
    HEAP {
        @Override
        StateBackend create() {
            return new HashMapStateBackend();
        }
    },
    ROCKSDB {
        @Override
        StateBackend create() {
            return new EmbeddedRocksDBStateBackend(true)
                    .configure(new Configuration(), BackendKind.class.getClassLoader());
        }
    },
    HOLT {
        @Override
        StateBackend create() {
            return new HoltStateBackend();
        }
    };

    abstract StateBackend create();

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
