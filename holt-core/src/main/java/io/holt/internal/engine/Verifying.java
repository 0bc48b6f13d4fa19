package io.holt.internal.engine;

import io.holt.api.HoltException;
import io.holt.api.IoEngineKind;
import io.holt.api.VerifyReport;
import io.holt.internal.checkpoint.StoreVerifier;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoEngines;
import io.holt.internal.memory.AlignedBlobBuf;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.store.FileBlobStore;
import io.holt.internal.store.Manifest;
import io.holt.internal.store.ManifestState;
import io.holt.internal.store.StoreDirectory;
import io.holt.internal.wal.WalReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Checks the files of a database that no writer has open. */
public final class Verifying {

    private Verifying() {}

    /** See {@code Holt.verify}. */
    public static VerifyReport verify(Path path, VerifyReport.Progress progress) {
        return verify(IoEngines.open(IoEngineKind.AUTO), path, progress);
    }

    /** As {@link #verify(Path, VerifyReport.Progress)}, through an engine, which is closed. */
    static VerifyReport verify(IoEngine io, Path path, VerifyReport.Progress progress) {
        try (Closing closing = new Closing()) {
            closing.add(io);
            StoreDirectory directory = closing.add(StoreDirectory.openToRead(io, path));
            ManifestState state = Manifest.read(io, directory.files());
            FileBlobStore store = closing.add(FileBlobStore.openToRead(io, directory.files(), state));
            BlobBufPool pool = closing.add(new BlobBufPool(1));
            AlignedBlobBuf buffer = closing.add(AlignedBlobBuf.pooledOrPlain(pool));
            String file = directory.files().data().toString();
            StoreVerifier verifier = new StoreVerifier(state, store, file, buffer.address(), progress);
            verifier.run();
            List<String> problems = new ArrayList<>(verifier.problems());
            AtomicLong records = new AtomicLong();
            if (state.logged()) {
                try {
                    WalReader.replay(
                            io,
                            directory.files().directory(),
                            state.storeId(),
                            state.replayLsn(),
                            (lsn, type, treeId, key, keyOffset, keyBytes, value, valueOffset, valueBytes) ->
                                    records.incrementAndGet());
                } catch (HoltException e) {
                    problems.add("log: " + e.getMessage());
                }
            }
            return new VerifyReport(List.copyOf(verifier.frames()), records.get(), List.copyOf(problems));
        }
    }
}
