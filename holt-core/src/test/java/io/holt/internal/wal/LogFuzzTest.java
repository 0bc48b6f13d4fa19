package io.holt.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.holt.api.Durability;
import io.holt.api.HoltException;
import io.holt.internal.memory.Crc32c;
import io.holt.testkit.OffHeap;
import io.holt.testkit.SimulatedDisk;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Any bytes in place of a log: its records are handed out in order and can be taken apart, or it is refused by a typed
 * error; and where it was read, it takes a further record and has it behind those.
 *
 * <p>Real fuzzing: see Building in README.md.
 */
class LogFuzzTest {

    private static final int SEGMENT_BYTES = 4096;
    private static final int STAGING_BYTES = 8192;
    private static final byte[] KEY = {'k', 'e', 'y'};
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    @FuzzTest(maxDuration = "2m")
    void anyBytesAreALogOrRefused(byte[] input) {
        if (input.length < 4) {
            return;
        }
        byte[] log = Arrays.copyOfRange(input, 4, input.length);
        int split = ((input[1] & 0xFF) | (input[2] & 0xFF) << 8) & -RecordDescriptor.ALIGNMENT_BYTES;
        if ((input[0] & 1) != 0) {
            sealHeader(log);
            sealRecords(log, SegmentDescriptor.HEADER_BYTES);
        }
        SimulatedDisk disk = new SimulatedDisk();
        boolean two = (input[0] & 2) != 0 && split < log.length;
        disk.put(WalFiles.segment(WalModel.DIRECTORY, 1), two ? Arrays.copyOf(log, split) : log);
        if (two) {
            byte[] second = Arrays.copyOfRange(log, split, log.length);
            disk.put(WalFiles.segment(WalModel.DIRECTORY, 1 + (input[3] & 0xFF)), second);
        }
        read(disk);
    }

    private static void read(SimulatedDisk disk) {
        List<Long> lsns = new ArrayList<>();
        WalEnd end;
        try {
            end = WalReader.replay(disk.engine(), WalModel.DIRECTORY, WalModel.STORE_ID, 1, takingApart(lsns));
        } catch (HoltException e) {
            assertThat(e.getMessage()).isNotBlank();
            return;
        }
        List<Long> before = List.copyOf(lsns);
        long added;
        try (OffHeap staging = new OffHeap(STAGING_BYTES)) {
            WalConfig config = WalModel.config(Durability.SYNC, SEGMENT_BYTES, staging, STAGING_BYTES);
            WalWriter writer = WalWriter.open(disk.engine(), WalModel.DIRECTORY, config, end);
            added = writer.append(WalRecord.PUT, 1, KEY, 0, KEY.length, KEY, 0, KEY.length);
            writer.commit(added);
        }
        lsns.clear();
        WalReader.replay(disk.engine(), WalModel.DIRECTORY, WalModel.STORE_ID, 1, takingApart(lsns));
        assertThat(lsns.subList(0, lsns.size() - 1)).isEqualTo(before);
        assertThat(lsns.getLast()).isEqualTo(added);
    }

    private static WalVisitor takingApart(List<Long> lsns) {
        return (lsn, type, treeId, key, keyOffset, keyBytes, value, valueOffset, valueBytes) -> {
            if (!lsns.isEmpty()) {
                assertThat(lsn).isGreaterThan(lsns.getLast());
            }
            lsns.add(lsn);
            assertThat(Arrays.copyOfRange(key, keyOffset, keyOffset + keyBytes)).hasSize(keyBytes);
            if (type == WalRecord.BATCH) {
                BatchRecord batch = new BatchRecord(value, valueOffset, valueBytes);
                int entries = 0;
                for (int entry = batch.first(); batch.isEntry(entry); entry = batch.next(entry)) {
                    assertThat(batch.copyOfKey(entry)).hasSize(batch.keyBytes(entry));
                    assertThat(batch.copyOfValue(entry)).hasSize(batch.valueBytes(entry));
                    entries++;
                }
                assertThat(entries).isEqualTo(batch.entries());
            }
        };
    }

    /** Makes the checksums right, so that what comes after them is reached. */
    private static void sealHeader(byte[] log) {
        if (log.length >= SegmentDescriptor.HEADER_BYTES) {
            LONG.set(log, SegmentDescriptor.STORE_ID_HIGH_OFFSET, WalModel.STORE_ID.getMostSignificantBits());
            LONG.set(log, SegmentDescriptor.STORE_ID_LOW_OFFSET, WalModel.STORE_ID.getLeastSignificantBits());
            INT.set(log, SegmentDescriptor.CRC_OFFSET, Crc32c.of(log, 0, SegmentDescriptor.CRC_OFFSET));
        }
    }

    private static void sealRecords(byte[] log, int from) {
        int at = from;
        while (at + RecordDescriptor.HEADER_BYTES <= log.length) {
            long bytes = RecordDescriptor.recordBytes(log, at);
            if (bytes < RecordDescriptor.HEADER_BYTES || bytes > log.length - at) {
                return;
            }
            Crc32c crc = new Crc32c();
            crc.reset();
            crc.update(log, at + RecordDescriptor.BYTES_OFFSET, Integer.BYTES);
            crc.update(log, at + RecordDescriptor.LSN_OFFSET, (int) bytes - RecordDescriptor.LSN_OFFSET);
            INT.set(log, at + RecordDescriptor.CRC_OFFSET, crc.value());
            at += (int) RecordDescriptor.aligned(bytes);
            if (at < 0) {
                return;
            }
        }
    }
}
