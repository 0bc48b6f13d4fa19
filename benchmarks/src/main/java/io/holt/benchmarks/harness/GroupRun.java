package io.holt.benchmarks.harness;

import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.engine.EngineKind;
import io.holt.benchmarks.engine.KeyValueEngine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Measures the operations of a group in this JVM. */
final class GroupRun {

    private final EngineKind kind;
    private final Dataset dataset;
    private final Path work;
    private final CellRunner runner;

    GroupRun(EngineKind kind, Dataset dataset, Path work, Effort effort) {
        this.kind = kind;
        this.dataset = dataset;
        this.work = work;
        this.runner = new CellRunner(effort);
    }

    /**
     * Measures.
     *
     * @throws WrongAnswerException if the engine errs
     */
    List<ResultRow> run(OperationGroup group, Set<Operation> wanted) {
        List<ResultRow> rows = new ArrayList<>();
        try (LoadedEngine slot = new LoadedEngine(kind, dataset, work)) {
            for (Operation operation : Operation.values()) {
                if (operation.group() != group || !wanted.contains(operation)) {
                    continue;
                }
                for (Measurement measurement : measure(operation, slot)) {
                    rows.add(row(kind.label(), operation, measurement));
                }
                if (operation == Operation.MEMORY && kind == EngineKind.HOLT) {
                    double raw = (double) dataset.bytes() / dataset.records();
                    rows.add(row("raw", operation, Measurement.of(Measurement.MEMORY, raw)));
                }
                if (operation.changes()) {
                    slot.discard();
                }
            }
        }
        return rows;
    }

    private List<Measurement> measure(Operation operation, LoadedEngine slot) {
        if (operation == Operation.MEMORY) {
            return List.of(memory(slot));
        }
        if (operation.group() == OperationGroup.LOAD && operation != Operation.DELETE_PREFIX) {
            List<Measurement> inserted = runner.measure(insertCell(operation, slot), operation.plan());
            slot.verify();
            return inserted;
        }
        KeyValueEngine engine = slot.loaded();
        if (!operation.applies(dataset.kind(), engine)) {
            return List.of();
        }
        List<Measurement> measured;
        try (Cell cell = cell(operation, engine)) {
            measured = runner.measure(cell, operation.plan());
        }
        if (operation != Operation.DELETE_PREFIX) {
            slot.verify();
        }
        // What one of several threads used of its processor says nothing of an operation.
        return operation.threads() == 1
                ? measured
                : measured.stream()
                        .filter(one -> one.unit().equals(Measurement.WALL))
                        .toList();
    }

    private Cell insertCell(Operation operation, LoadedEngine slot) {
        return switch (operation) {
            case BULK_LOAD -> InsertCell.inBulk(slot, dataset);
            case SORTED_INSERT -> InsertCell.inOrder(slot, dataset);
            default -> InsertCell.inShuffledOrder(slot, dataset);
        };
    }

    private Cell cell(Operation operation, KeyValueEngine engine) {
        return switch (operation) {
            case GET -> PointCells.get(engine, dataset);
            case GET_MISS -> PointCells.getMiss(engine, dataset);
            case PUT -> PointCells.put(engine, dataset);
            case GET_MANY -> PointCells.getMany(engine, dataset);
            case GET_TWO_THREADS -> TwoThreadCells.get(engine, dataset);
            case PUT_TWO_THREADS -> TwoThreadCells.put(engine, dataset);
            case MIXED -> PointCells.mixed(engine, dataset);
            case CREATE_DELETE -> PointCells.createDelete(engine, dataset);
            case RENAME -> MetadataCells.rename(engine, dataset);
            case METADATA_MIX -> MetadataCells.mix(engine, dataset);
            case SNAPSHOT -> PointCells.snapshot(engine);
            case PUT_AFTER_SNAPSHOT -> PointCells.putAfterSnapshot(engine, dataset);
            case LIST -> WalkCells.list(engine, dataset);
            case LIST_KEYS -> WalkCells.listKeys(engine, dataset);
            case LIST_DIR -> WalkCells.listDirectories(engine, dataset);
            case ITERATE -> WalkCells.iterate(engine, dataset);
            case DELETE_PREFIX -> WalkCells.deletePrefix(engine, dataset);
            case MEMORY, INSERT, BULK_LOAD, SORTED_INSERT ->
                throw new IllegalArgumentException(operation + " is measured without a cell");
        };
    }

    private Measurement memory(LoadedEngine slot) {
        long before = HeapMeter.usedBytes();
        OptionalLong stored = slot.loaded().storedBytes();
        long bytes = stored.isPresent() ? stored.getAsLong() : HeapMeter.usedBytes() - before;
        return Measurement.of(Measurement.MEMORY, (double) bytes / dataset.records());
    }

    private ResultRow row(String engine, Operation operation, Measurement measurement) {
        return new ResultRow(
                engine, dataset.kind().label(), dataset.records(), operation.label(), operation.threads(), measurement);
    }
}
