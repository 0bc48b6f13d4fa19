package io.holt.internal.memory;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the Linux kernel says about pages of this process. */
final class Pagemap {

    private static final int PAGE_BYTES = 4096;

    private Pagemap() {}

    /** Bytes of a range that have pages behind them. */
    static long residentBytes(long address, long bytes) {
        try (RandomAccessFile pagemap = new RandomAccessFile("/proc/self/pagemap", "r")) {
            pagemap.seek(address / PAGE_BYTES * Long.BYTES);
            long resident = 0;
            for (long page = 0; page < bytes / PAGE_BYTES; page++) {
                // Bit 63 is set for a page that is present, and the file is in the machine's order: little-endian.
                if (Long.reverseBytes(pagemap.readLong()) < 0) {
                    resident += PAGE_BYTES;
                }
            }
            return resident;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The flags of the mapping that holds an address, such as {@code rd wr mr mw me nr hg}. */
    static List<String> mappingFlags(long address) {
        try {
            boolean inMapping = false;
            for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
                if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                    String[] range = line.substring(0, line.indexOf(' ')).split("-", 2);
                    inMapping = Long.compareUnsigned(address, Long.parseUnsignedLong(range[0], 16)) >= 0
                            && Long.compareUnsigned(address, Long.parseUnsignedLong(range[1], 16)) < 0;
                } else if (inMapping && line.startsWith("VmFlags:")) {
                    return List.of(line.substring("VmFlags:".length()).trim().split(" "));
                }
            }
            throw new IllegalStateException("no mapping at 0x" + Long.toHexString(address));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
