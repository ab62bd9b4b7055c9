package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.marcnuri.helm.TemplateCommand;
import dev.playground.monitoring.testkit.Project;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The links in alerts use the address at which users reach Prometheus and Alertmanager. */
class ExternalUrlTest {
    @ParameterizedTest
    @CsvSource({"prom-server, prometheus", "alertmanager, alertmanager"})
    void equalsPortOfComposeAndNotes(String service, String part) {
        Map<String, Object> compose =
                Project.map(Project.map(Project.compose(), "services"), service);
        String port = compose.get("ports").toString().replaceAll(".*:(\\d+):.*", "$1");
        String notes = Project.text(Charts.folder("monitoring").resolve("templates/NOTES.txt"));

        assertThat(compose.get("command").toString())
                .contains("--web.external-url=http://localhost:" + port + ",");
        assertThat(arguments(Charts.template("monitoring"), part))
                .contains("--web.external-url=http://localhost:" + port);
        assertThat(notes)
                .contains("http://localhost:" + port + ":\n")
                .contains("-" + part + " " + port + ":" + port);
    }

    /** Probes, scrapes and Grafana request without the path. */
    @ParameterizedTest
    @CsvSource({
        "prometheus, https://example.com/prometheus",
        "alertmanager, https://example.com/a/b"
    })
    void aPathChangesNoRoute(String part, String url) {
        assertThat(arguments(Charts.template("monitoring").set(part + ".externalUrl", url), part))
                .contains("--web.external-url=" + url, "--web.route-prefix=/");
    }

    private static List<String> arguments(TemplateCommand template, String part) {
        return Manifest.container(Manifest.parse(template.call()), part)
                .path("args")
                .valueStream()
                .map(JsonNode::asText)
                .toList();
    }
}
