package io.holt.examples.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class FileListingTest {

    @Test
    void theRuntimeImageHasThisClassPathsOwnJdk() {
        FileListing listing = RuntimeImageListing.read();

        assertThat(listing.files()).hasSizeGreaterThan(5_000);
        assertThat(listing.files()).extracting(ListedFile::path).contains("/java.base/java/lang/Object.class");
        assertThat(listing.files()).extracting(ListedFile::path).isSorted().doesNotHaveDuplicates();
        assertThat(listing.bytes()).isGreaterThan(listing.files().size());
        assertThat(RuntimeImageListing.read()).isSameAs(listing);
    }

    @Test
    void aFileKnowsItsModuleAndDirectory() {
        ListedFile file = ListedFile.of("/java.base/java/lang/Object.class", 7);

        assertThat(file)
                .isEqualTo(new ListedFile("java.base", "/java.base/java/lang/Object.class", "/java.base/java/lang", 7));
    }

    @Test
    void countsDirectoriesModulesAndBytes() {
        FileListing listing = FileListing.of(
                List.of(ListedFile.of("/m/b/x", 3), ListedFile.of("/m/a/x", 2), ListedFile.of("/n/x", 1)));

        assertThat(listing.files()).extracting(ListedFile::path).containsExactly("/m/a/x", "/m/b/x", "/n/x");
        assertThat(listing.directories()).isEqualTo(3);
        assertThat(listing.modules()).isEqualTo(2);
        assertThat(listing.bytes()).isEqualTo(6);
    }

    @Test
    void refusesWhatIsNoListing() {
        assertThatThrownBy(() -> FileListing.of(List.of())).hasMessageContaining("at least one file");
        assertThatThrownBy(() -> FileListing.of(List.of(ListedFile.of("/m/x", 1), ListedFile.of("/m/x", 2))))
                .hasMessageContaining("/m/x");
        assertThatThrownBy(() -> ListedFile.of("/m", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ListedFile.of("m/x", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ListedFile.of("/m/x", -1)).hasMessageContaining("negative");
        assertThatThrownBy(() -> ListedFile.of("/m/" + "x".repeat(65_536), 1)).hasMessageContaining("65535");
        assertThatThrownBy(() -> new ListedFile("m", "/m/a/x", "/m", 1)).hasMessageContaining("not the directory");
    }
}
