package io.holt.examples.fs;

import java.util.ArrayList;
import java.util.List;

/** A listing that is the same on every JDK: 3 modules, 12 directories, 120 files. */
public final class SmallListing {

    private SmallListing() {}

    public static FileListing make() {
        List<ListedFile> files = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            String directory = "/module." + i % 3 + "/io/part" + i % 12;
            files.add(ListedFile.of(directory + "/File" + i + ".class", 100L + 37L * i * i));
        }
        return FileListing.of(files);
    }
}
