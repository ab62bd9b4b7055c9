package dev.playground.monitoring.compose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Project;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** What docker-compose.yml and the shared configuration guarantee. */
class StackConfigurationTest {
    private static final Map<String, Object> LOKI =
            Project.yaml(Project.FILES.resolve("loki/loki.yaml"));

    static Stream<String> services() {
        return Project.map(Project.compose(), "services").keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("services")
    void containerHasTagProbeLimitAndNoDependency(String name) {
        assertThat(Project.composeService(name))
                .containsKeys("healthcheck", "mem_limit", "restart")
                .containsEntry("cap_drop", List.of("ALL"))
                .doesNotContainKey("depends_on")
                .extractingByKey("image")
                .asString()
                .matches("((prom|grafana)/[a-z0-9]+|backend-monitoring):v?\\d[\\w.]*\\w");
        assertThat(strings(name, "ports"))
                .allMatch(port -> port.startsWith("${BIND_ADDRESS:-127.0.0.1}:"));
    }

    @Test
    void mountedFilesExist() {
        assertThat(services().flatMap(service -> strings(service, "volumes").stream()))
                .filteredOn(volume -> volume.startsWith("./"))
                .isNotEmpty()
                .allMatch(volume -> Files.exists(Project.TOP.resolve(volume.split(":")[0])));
    }

    @ParameterizedTest
    @CsvSource({
        "prom-server, prometheus:/prometheus",
        "alertmanager, alertmanager:/alertmanager",
        "loki, loki:/loki",
        "promtail, promtail:/var/lib/promtail",
        "grafana, grafana:/var/lib/grafana"
    })
    void dataOutlivesTheContainer(String service, String volume) {
        assertThat(strings(service, "volumes")).contains(volume);
        assertThat(Project.map(Project.compose(), "volumes"))
                .hasSize(5)
                .containsKey(volume.split(":")[0]);
    }

    /** With two names, each log line would be in two streams. */
    @Test
    void hostAndTargetOfTheServiceHaveOneInstanceName() {
        assertThat(Project.composeService("backend")).containsEntry("hostname", "backend");
        assertThat(Project.composeConfig("scrape"))
                .contains("- targets: [\"backend:3000\"]\n        labels: { instance: backend }");
    }

    /** As in the chart: Promtail cannot build the entries that the appender pushes from text. */
    @Test
    void promtailDropsTextThatIsPushed() {
        Map<String, Object> service = Project.composeService("backend");
        String format = "${LOG_FORMAT:-json}";
        assertThat(Project.map(service, "environment"))
                .containsEntry("LOG_FORMAT", format)
                .containsKey("LOKI_HOST");
        assertThat(Project.map(service, "labels")).containsEntry("log_format", format);

        Object relabel =
                Project.map(Project.composeService("promtail"), "environment").get("RELABEL");
        assertThat((List<?>) new Yaml().load((String) relabel))
                .filteredOn(rule -> ((Map<?, ?>) rule).containsKey("action"))
                .isEqualTo(
                        List.of(
                                Map.of(
                                        "source_labels",
                                        List.of("__meta_docker_container_label_log_format"),
                                        "regex",
                                        "text",
                                        "action",
                                        "drop")));
    }

    @Test
    void lokiDeletesAfterAWeek() {
        // Retention needs all three.
        assertThat(Project.map(LOKI, "limits_config")).containsEntry("retention_period", "168h");
        assertThat(Project.map(LOKI, "compactor"))
                .containsEntry("retention_enabled", true)
                .containsKey("delete_request_store");
    }

    @Test
    void grafanaAndLokiReportNothingAndDownloadNothing() {
        assertThat(Project.map(Project.composeService("grafana"), "environment"))
                .containsEntry("GF_ANALYTICS_REPORTING_ENABLED", "false")
                .containsEntry("GF_ANALYTICS_CHECK_FOR_UPDATES", "false")
                .containsEntry("GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES", "false")
                .containsEntry("GF_NEWS_NEWS_FEED_ENABLED", "false")
                .containsEntry("GF_PLUGINS_PREINSTALL_DISABLED", "true")
                .containsEntry("GF_PLUGINS_PREINSTALL_AUTO_UPDATE", "false")
                .containsEntry("GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED", "true");
        assertThat(Project.map(LOKI, "analytics")).containsEntry("reporting_enabled", false);
    }

    @Test
    void grafanaOpensTheServiceDashboard() {
        assertThat(Project.map(Project.composeService("grafana"), "environment"))
                .extractingByKey("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH")
                .asString()
                .isEqualTo("/var/lib/grafana/dashboards/service.json");
        assertThat(strings("grafana", "volumes"))
                .contains(
                        "./helm/monitoring/files/grafana/dashboards:/var/lib/grafana/dashboards:ro");
        assertThat(Project.FILES.resolve("grafana/dashboards/service.json")).exists();
    }

    @SuppressWarnings("unchecked")
    private static List<String> strings(String service, String key) {
        return (List<String>) Project.composeService(service).getOrDefault(key, List.of());
    }
}
