package dev.playground.monitoring.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The table of docs/faults.md has the rows of {@link FaultCase}. This command writes it:
 *
 * <pre>mvn test -Dtest=FaultsPageTest -Dfaults.write=true</pre>
 */
class FaultsPageTest {
    private static final String COMMAND = "mvn test -Dtest=FaultsPageTest -Dfaults.write=true";
    private static final Path PAGE = Path.of("docs/faults.md");
    private static final String HEAD =
            "| Document | Metric | Log line | Panel of *Service* | Alert |\n|---|---|---|---|---|\n";

    @Test
    void tableHasEachFault() throws IOException {
        String page = Project.text(PAGE);
        int rows = page.indexOf(HEAD) + HEAD.length();
        String expected =
                page.substring(0, rows)
                        + Stream.of(FaultCase.values())
                                .map(FaultCase::row)
                                .collect(Collectors.joining())
                        + page.substring(page.indexOf("\n\n", rows - 1) + 1);
        if (Boolean.getBoolean("faults.write")) {
            Files.writeString(PAGE, expected);
        }

        assertThat(Project.text(PAGE)).as("stale; this writes it: " + COMMAND).isEqualTo(expected);
    }
}
