package io.holt.it.kstreams;

import io.holt.kstreams.HoltDslStoreSuppliers;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.internals.ProcessorStateManager;
import org.apache.kafka.streams.state.DslKeyValueParams;
import org.apache.kafka.streams.state.DslSessionParams;
import org.apache.kafka.streams.state.DslStoreSuppliers;
import org.apache.kafka.streams.state.DslWindowParams;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.SessionBytesStoreSupplier;
import org.apache.kafka.streams.state.StoreSupplier;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;

/**
 * Holt's stores for the DSL, which tell with which changelog offset they open, and of each commit that it begins and
 * that it is done, in lines that {@link StoreOffsets} understands. A line is out of the process before the store goes
 * on, so killing the process loses none.
 */
public final class ObservedStores implements DslStoreSuppliers {

    private final DslStoreSuppliers suppliers = new HoltDslStoreSuppliers();

    /** Made by Kafka Streams. */
    public ObservedStores() {}

    @Override
    public KeyValueBytesStoreSupplier keyValueStore(DslKeyValueParams params) {
        return observed(suppliers.keyValueStore(params));
    }

    @Override
    public WindowBytesStoreSupplier windowStore(DslWindowParams params) {
        return observed(suppliers.windowStore(params));
    }

    @Override
    public SessionBytesStoreSupplier sessionStore(DslSessionParams params) {
        return observed(suppliers.sessionStore(params));
    }

    private static <T extends StoreSupplier<?>> T observed(T supplier) {
        return proxy(supplier, (proxy, method, arguments) -> {
            Object result = method.invoke(supplier, arguments);
            return result instanceof StateStore store ? proxy(store, new ObservedCalls(store)) : result;
        });
    }

    /** Is all that the target is, as Kafka Streams tells kinds of stores by their interfaces. */
    @SuppressWarnings("unchecked")
    private static <T> T proxy(T target, InvocationHandler calls) {
        Set<Class<?>> types = interfaces(target.getClass())
                .filter(type -> Modifier.isPublic(type.getModifiers()))
                .collect(Collectors.toSet());
        return (T) Proxy.newProxyInstance(
                ObservedStores.class.getClassLoader(), types.toArray(Class<?>[]::new), (proxy, method, arguments) -> {
                    try {
                        return calls.invoke(proxy, method, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static Stream<Class<?>> interfaces(Class<?> type) {
        return type == null
                ? Stream.of()
                : Stream.concat(Stream.of(type.getInterfaces()), interfaces(type.getSuperclass()));
    }

    /** The calls of one store, which are passed on. */
    private record ObservedCalls(StateStore store) implements InvocationHandler {

        @Override
        public Object invoke(Object proxy, java.lang.reflect.Method method, Object[] arguments) throws Throwable {
            return switch (method.getName()) {
                case "init" -> {
                    Object result = method.invoke(store, arguments);
                    TopicPartition changelog = changelog((StateStoreContext) arguments[0]);
                    StreamsProcess.say(StoreOffsets.opened(changelog, store.committedOffset(changelog)));
                    yield result;
                }
                case "commit" -> {
                    @SuppressWarnings("unchecked")
                    Map<TopicPartition, Long> offsets = (Map<TopicPartition, Long>) arguments[0];
                    offsets.forEach(
                            (changelog, offset) -> StreamsProcess.say(StoreOffsets.committing(changelog, offset)));
                    Object result = method.invoke(store, arguments);
                    if (store.isOpen()) {
                        offsets.forEach((changelog, offset) -> StreamsProcess.say(
                                StoreOffsets.committed(changelog, store.committedOffset(changelog))));
                    }
                    yield result;
                }
                default -> method.invoke(store, arguments);
            };
        }

        private TopicPartition changelog(StateStoreContext context) {
            String topic = ProcessorStateManager.storeChangelogTopic(
                    context.applicationId(), store.name(), context.taskId().topologyName());
            return new TopicPartition(topic, context.taskId().partition());
        }
    }
}
