package io.holt.testkit;

import io.holt.api.HoltIoException;
import io.holt.api.IoEngineKind;
import io.holt.internal.io.Caching;
import io.holt.internal.io.DirectoryState;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoFile;
import io.holt.internal.io.IoLock;
import io.holt.internal.io.OpenMode;
import io.holt.testkit.SimulatedDisk.Call;
import java.nio.file.Path;
import java.util.List;

/** An I/O engine over a {@link SimulatedDisk}. */
final class SimulatedEngine implements IoEngine {

    private static final int EXCLUSIVE = -1;

    private final SimulatedDisk disk;

    SimulatedEngine(SimulatedDisk disk) {
        this.disk = disk;
    }

    @Override
    public IoEngineKind kind() {
        return IoEngineKind.CHANNEL;
    }

    @Override
    public IoFile open(Path file, OpenMode mode, Caching caching) {
        synchronized (disk) {
            SimulatedNode node = disk.names.get(file);
            boolean mustExist = mode == OpenMode.READ || mode == OpenMode.WRITE;
            if (node == null ? mustExist : mode == OpenMode.CREATE_NEW) {
                throw new HoltIoException("open of " + file + " as " + mode + " failed");
            }
            if (node == null) {
                disk.on(Call.NAME, file);
                node = new SimulatedNode(new byte[0]);
                disk.create(file, node);
            }
            return new SimulatedFile(disk, file, node);
        }
    }

    @Override
    public DirectoryState directoryState(Path directory) {
        synchronized (disk) {
            if (!disk.directories.contains(directory)) {
                return DirectoryState.MISSING;
            }
            return disk.readOnly ? DirectoryState.READ_ONLY : DirectoryState.WRITABLE;
        }
    }

    @Override
    public void createDirectories(Path directory) {
        synchronized (disk) {
            disk.directories.add(directory);
        }
    }

    @Override
    public boolean exists(Path file) {
        synchronized (disk) {
            return disk.names.containsKey(file);
        }
    }

    @Override
    public List<String> list(Path directory) {
        synchronized (disk) {
            return disk.names.keySet().stream()
                    .filter(path -> path.getParent().equals(directory))
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Override
    public void rename(Path from, Path to) {
        synchronized (disk) {
            disk.on(Call.NAME, to);
            SimulatedNode node = disk.names.get(from);
            if (node == null) {
                throw new HoltIoException("rename of " + from + " to " + to + " failed: there is none");
            }
            disk.rename(from, to, node);
        }
    }

    @Override
    public boolean delete(Path file) {
        synchronized (disk) {
            if (!disk.names.containsKey(file)) {
                return false;
            }
            disk.on(Call.NAME, file);
            disk.delete(file);
            return true;
        }
    }

    @Override
    public void syncDirectory(Path directory) {
        synchronized (disk) {
            disk.on(Call.DIRECTORY_SYNC, directory);
            disk.syncNames();
        }
    }

    @Override
    public IoLock tryLock(Path file, boolean shared) {
        synchronized (disk) {
            int holders = disk.locks.getOrDefault(file, 0);
            if (holders == EXCLUSIVE || (holders > 0 && !shared)) {
                return null;
            }
            disk.locks.put(file, shared ? holders + 1 : EXCLUSIVE);
            if (!disk.names.containsKey(file)) {
                disk.create(file, new SimulatedNode(new byte[0]));
            }
            return () -> {
                synchronized (disk) {
                    disk.locks.computeIfPresent(file, (path, count) -> count > 1 ? count - 1 : null);
                }
            };
        }
    }

    @Override
    public void close() {}
}
