package io.holt.examples.fs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of the JDK that runs this program, read through its {@code jrt} file system: real paths and sizes, tens of
 * thousands, on every machine. Threads: any.
 */
public final class RuntimeImageListing {

    private static final String MODULES = "/modules";

    private RuntimeImageListing() {}

    /**
     * Lists the image. The first call takes a second or so, later ones give the same listing.
     *
     * @throws IllegalStateException if this runtime has no image to list
     * @throws UncheckedIOException if the image can't be read
     */
    public static FileListing read() {
        return Once.LISTING;
    }

    /** What the listing belongs to, like {@code JDK 25.0.3+9 of Eclipse Adoptium}. */
    public static String origin() {
        return "JDK " + Runtime.version() + " of " + System.getProperty("java.vendor");
    }

    /** Reads the image when it is first asked for. */
    private static final class Once {
        private static final FileListing LISTING = walk();
    }

    private static FileListing walk() {
        List<ListedFile> files = new ArrayList<>();
        try {
            Path modules = FileSystems.getFileSystem(URI.create("jrt:/")).getPath(MODULES);
            Files.walkFileTree(modules, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    files.add(ListedFile.of(file.toString().substring(MODULES.length()), attributes.size()));
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + MODULES + " of " + origin(), e);
        } catch (FileSystemNotFoundException | ProviderNotFoundException e) {
            throw new IllegalStateException(origin() + " has no runtime image (jrt:/); run on a usual JDK", e);
        }
        return FileListing.of(files);
    }
}
