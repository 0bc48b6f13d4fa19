package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.util.TimeUtils;
import org.junit.jupiter.api.Test;

/**
 * The page of options says what the options say. {@code -Dholt.docs.write=true} writes it anew.
 */
class OptionsPageTest {

    private static final Path PAGE = Path.of("..", "docs", "flink-options.md");
    private static final String HEAD = """
        # Options of the Flink state backend

        Generated from `HoltStateBackendOptions` by `OptionsPageTest`. None has to be set. Flink's own
        `execution.checkpointing.incremental` counts too: checkpoints are incremental unless it is set to false.
        A job with a key that begins with `state.backend.holt.` and is none of these does not start, nor does one
        with a value that can't be used.

        | option | default | |
        |---|---|---|
        """;

    private static List<ConfigOption<?>> options() throws IllegalAccessException {
        List<ConfigOption<?>> options = new ArrayList<>();
        for (Field field : HoltStateBackendOptions.class.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == ConfigOption.class) {
                options.add((ConfigOption<?>) field.get(null));
            }
        }
        options.sort(Comparator.comparing(ConfigOption::key));
        return options;
    }

    private static String page() throws IllegalAccessException {
        StringBuilder page = new StringBuilder(HEAD);
        for (ConfigOption<?> option : options()) {
            Object value = option.defaultValue();
            page.append("| `").append(option.key()).append("` | ");
            page.append(value == null ? "" : "`" + text(value) + "`").append(" | ");
            page.append(new HtmlFormatter().format(option.description())).append(" |\n");
        }
        return page.toString();
    }

    private static String text(Object value) {
        return value instanceof Duration duration
                ? TimeUtils.formatWithHighestUnit(duration)
                : String.valueOf(value).toLowerCase(Locale.ROOT);
    }

    @Test
    void pageSaysWhatTheOptionsSay() throws IOException, IllegalAccessException {
        if (Boolean.getBoolean("holt.docs.write")) {
            Files.writeString(PAGE, page());
        }
        assertThat(Files.readString(PAGE)).isEqualTo(page());
    }

    @Test
    void everyOptionIsDescribed() throws IllegalAccessException {
        assertThat(options())
                .hasSizeGreaterThan(5)
                .allMatch(option -> option.key().startsWith("state.backend.holt."))
                .allMatch(option ->
                        new HtmlFormatter().format(option.description()).length() > 40);
    }
}
