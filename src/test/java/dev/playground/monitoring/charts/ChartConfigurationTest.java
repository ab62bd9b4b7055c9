package dev.playground.monitoring.charts;

import static dev.playground.monitoring.charts.Manifest.controller;
import static dev.playground.monitoring.charts.Manifest.controllers;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.playground.monitoring.charts.Charts.Scenario;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.PrometheusProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** Configuration files of Prometheus, Alertmanager and Loki, depending on the values. */
class ChartConfigurationTest {
    private static final Path SHARED = Project.FILES;

    private static final String BUCKET =
            """
            s3:
              endpoint: minio.storage:9000
              region: eu-central-1
              bucketnames: shop-logs
              insecure: true
              s3forcepathstyle: true
            """;

    @Test
    void everySharedFileIsInSomeContainer() throws IOException {
        Set<String> contents = new HashSet<>();
        for (String scenario : List.of("default", "alloy")) {
            List<Manifest> objects = Scenario.of("monitoring", scenario).objects();
            controllers(objects).forEach(w -> contents.addAll(PodFiles.of(objects, w).values()));
        }

        try (Stream<Path> files = Files.walk(SHARED)) {
            assertThat(files.filter(Files::isRegularFile))
                    .isNotEmpty()
                    .allMatch(file -> contents.contains(Project.text(file)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "everything-on", "object-storage"})
    void promtoolAcceptsPrometheusFiles(String scenario, @TempDir Path folder) throws IOException {
        PrometheusProgram promtool = PrometheusProgram.promtool();
        PodFiles.write(prometheusFiles(scenario), "/etc/prometheus", folder);
        // The Secret's file, and the token that Kubernetes mounts.
        Path secrets = Files.createDirectory(folder.resolve("secrets"));
        Files.writeString(secrets.resolve("token"), "secret");

        String config = folder.resolve("prometheus.yml").toString();
        assertThat(promtool.expectSuccess("check", "config", config)).contains("rules found");
    }

    static Map<String, String> prometheusFiles(String scenario) {
        List<Manifest> objects = Scenario.of("monitoring", scenario).objects();
        return PodFiles.of(objects, controller(objects, "-prometheus"));
    }

    @Test
    void remoteWriteIsAddedToTheSharedFile() {
        Map<String, Object> values =
                Project.yaml(Scenario.of("monitoring", "object-storage").values());
        Map<String, Object> expected = Project.yaml(SHARED.resolve("prometheus/prometheus.yml"));
        expected.put("remote_write", Project.map(values, "prometheus").get("remoteWrite"));

        Map<String, String> files = prometheusFiles("object-storage");
        assertThat(yaml(files.get("/etc/prometheus/prometheus.yml"))).isEqualTo(expected);
    }

    /** The chart's, or another one by the scheme of its URL. */
    @ParameterizedTest
    @CsvSource({
        "'', rel-alertmanager:9093, http",
        "https://alerts.example.com, alerts.example.com, https",
    })
    void prometheusNotifiesTheAlertmanager(String url, String target, String scheme) {
        String rendered =
                Charts.template("monitoring")
                        .set("alertmanager.enabled", url.isEmpty())
                        .set("alertmanager.url", url)
                        .call();

        assertThat(Charts.configMap(Manifest.parse(rendered), "rel-prometheus"))
                .containsEntry(
                        "alertmanager.yml",
                        "- targets: [\"%s\"]\n  labels:\n    __scheme__: %s\n"
                                .formatted(target, scheme));
    }

    @Test
    void hasNoReceiverWithoutAlertmanager() {
        assertThat(prometheusFiles("minimal"))
                .containsEntry("/etc/prometheus/alertmanagers/alertmanager.yml", "[]\n");
    }

    @Test
    void alertmanagerPostsToTheWebhookOfASecret() {
        List<Manifest> objects = Scenario.of("monitoring", "everything-on").objects();

        assertThat(Manifest.container(objects, "alertmanager").path("args"))
                .extracting(JsonNode::asText)
                .contains("--config.file=/etc/alertmanager/webhook-alertmanager.yml");
    }

    /** Where there is a ServiceMonitor, an annotation would have the pod scraped twice. */
    @EachScenario
    void podsAnnounceTheirMetricsOnce(Scenario scenario) {
        List<Manifest> objects = scenario.objects();
        boolean monitored = !Manifest.all(objects, "ServiceMonitor").isEmpty();

        for (Manifest controller : controllers(objects)) {
            // playground:start
            if (controller.name().endsWith("-traffic")) {
                continue; // k6 exports no metrics
            }
            // playground:end
            JsonNode annotations = controller.pod().at("/metadata/annotations");
            String port = annotations.path("prometheus.io/port").asText();
            assertThat(annotations.path("prometheus.io/scrape").asText())
                    .isEqualTo(monitored ? "" : "true");
            assertThat(
                            monitored
                                    ? List.of(port)
                                    : controller.pod().findValuesAsText("containerPort"))
                    .containsExactly(port);
        }
    }

    @Test
    void objectStorageChangesOnlyStorage() {
        List<Manifest> objects = Scenario.of("monitoring", "object-storage").objects();
        Map<String, Object> expected = loki(Project.text(SHARED.resolve("loki/loki.yaml")));
        Project.map(expected, "common").put("storage", yaml(BUCKET));
        Project.maps(Project.map(expected, "schema_config"), "configs")
                .forEach(config -> config.put("object_store", "s3"));
        Project.map(expected, "compactor").put("delete_request_store", "s3");

        assertThat(loki(Charts.configMap(objects, "rel-loki").get("loki.yaml")))
                .isEqualTo(expected);
    }

    /** YAML reads the day as a date or a string, which is the same to Helm and to Loki. */
    private static Map<String, Object> loki(String file) {
        return yaml(file.replaceAll("from: [\"']?([\\d-]+)[\"']?", "from: '$1'"));
    }

    private static Map<String, Object> yaml(String text) {
        return new Yaml().load(text);
    }
}
