package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A copy of the backend chart whose symbolic links into the monitoring chart are lost. */
class ChartFilesTest {
    enum Links {
        /** As source archives and Flux leave them. */
        ABSENT,
        /** As Git leaves them where core.symlinks is off. */
        TEXT,
        EMPTY_FOLDERS
    }

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource
    void refusesToRenderEmptyRulesOrDashboards(Links links) throws IOException {
        Helm chart = new Helm(copy(links));

        assertThat(chart.template().call()).contains("kind: Deployment");
        for (String value : new String[] {"prometheusRule", "dashboards"}) {
            TemplateCommand template = chart.template().set(value + ".enabled", "true");
            assertThatThrownBy(template::call)
                    .hasMessageContaining(value + ".enabled: the files of the chart are missing")
                    .hasMessageContaining("symbolic links to ../../monitoring/files");
        }
    }

    private Path copy(Links links) throws IOException {
        Path chart = Charts.copy("backend", folder);
        for (String link : new String[] {"grafana", "prometheus"}) {
            Path path = chart.resolve("files").resolve(link);
            try (Stream<Path> files = Files.walk(path)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
            if (links == Links.TEXT) {
                Files.writeString(path, "../../monitoring/files/" + link);
            } else if (links == Links.EMPTY_FOLDERS) {
                Files.createDirectory(path);
            }
        }
        return chart;
    }
}
