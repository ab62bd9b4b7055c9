package dev.playground.monitoring.page;

import dev.playground.monitoring.testkit.NodeScripts;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.PrometheusProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page computes rates and quantiles as Prometheus does. */
class MetricsScriptTest {
    /** With a restart, failed scrapes, late starts, an end, and buckets that are not cumulative. */
    private static final String SERIES =
            """
            [{"labels": {"le": "100", "code": "200"}, "values": [3, 5, 5, 9, 12, 1, 4, 4, 8, 9, 11, 12, 15, 15, 17]},
             {"labels": {"le": "250", "code": "200"}, "values": [4, 9, 9, 15, 20, 2, 9, 9, 14, 15, 19, 21, 24, 24, 27]},
             {"labels": {"le": "+Inf", "code": "200"}, "values": [4, 9, 9, 15, 22, 3, 9, 9, 14, 15, 20, 22, 25, 25, 28]},
             {"labels": {"le": "100", "code": "500"}, "values": [null, null, null, null, null, null, null, null, 1, 3, null, 4, 4, 4, 4]},
             {"labels": {"le": "250", "code": "500"}, "values": [null, null, null, null, null, null, null, null, 1, 3, null, 4, 4, 4, 4]},
             {"labels": {"le": "+Inf", "code": "500"}, "values": [null, null, null, null, null, null, null, null, 1, 3, null, 4, 4, 4, 4]},
             {"labels": {"le": "100", "code": "404"}, "values": [0, null, 40, null, null, 70, null, null, null, null, null, null, null, null, null]},
             {"labels": {"le": "+Inf", "code": "404"}, "values": [0, null, 40, null, null, 95, null, null, null, null, null, null, null, null, null]},
             {"labels": {"le": "100", "code": "418"}, "values": [null, null, null, null, null, null, null, null, null, null, null, null, null, 5, 95]},
             {"labels": {"le": "+Inf", "code": "503"}, "values": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}]
            """;

    @Test
    void computesWhatPrometheusComputes(@TempDir Path folder) throws IOException {
        PrometheusProgram promtool = PrometheusProgram.promtool();
        NodeScripts.write(
                "metrics.js", Project.text(Path.of("src/main/resources/page/metrics.js")));
        Path test = folder.resolve("test.json");
        Files.writeString(test, NodeScripts.run("metrics.mjs", SERIES));

        promtool.expectSuccess("test", "rules", test.toString());
    }
}
