package dev.playground.monitoring.charts;

import static dev.playground.monitoring.charts.Manifest.all;
import static dev.playground.monitoring.charts.Manifest.container;
import static dev.playground.monitoring.charts.Manifest.one;
import static dev.playground.monitoring.charts.Manifest.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.playground.monitoring.charts.Charts.Scenario;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The chart of the service: its Deployment, its environment, and its autoscaler, disruption budget
 * and network policy.
 */
class ServiceChartTest {
    private static final Path APPLICATION = Path.of("src/main/resources/application.yml");

    /** With everything on, the objects are named by fullnameOverride. */
    private static final String OVERRIDE = "shop";

    private static final List<Manifest> DEFAULT = Scenario.of("backend", "default").objects();
    private static final List<Manifest> EVERYTHING_ON =
            Scenario.of("backend", "everything-on").objects();

    /** It serves requests until the endpoint is removed, then drains, pushes and exits. */
    @ParameterizedTest
    @CsvSource({"default, 5, 15", "everything-on, 10, 37"})
    void waitsBeforeItStopsWithinTheGracePeriod(String scenario, String wait, int gracePeriod) {
        JsonNode pod = deployment(Scenario.of("backend", scenario).objects()).pod();

        assertThat(pod.findPath("preStop").at("/exec/command"))
                .hasToString("[\"sleep\",\"%s\"]".formatted(wait));
        assertThat(pod.at("/spec/terminationGracePeriodSeconds").asInt()).isEqualTo(gracePeriod);
    }

    @Test
    void knowsItsPodAndNodeAndHasTimeToStart() {
        JsonNode container = container(DEFAULT, "backend");

        assertThat(container.has("startupProbe")).isTrue();
        assertThat(container.path("env"))
                .extracting(v -> text(v, "/name") + "=" + v.findPath("fieldPath").asText())
                .containsExactly(
                        "POD_NAME=metadata.name",
                        "POD_NAMESPACE=metadata.namespace",
                        "NODE_NAME=spec.nodeName");
    }

    @Test
    void heavyDefaultsEqualApplicationYml() {
        Map<String, String> expected = new TreeMap<>();
        for (var setting : Project.map(Project.yaml(APPLICATION), "heavy").entrySet()) {
            expected.put(
                    "HEAVY_" + setting.getKey().toUpperCase().replace('-', '_'),
                    setting.getValue().toString().replace(", ", ","));
        }
        Map<String, String> environment = Charts.configMap(DEFAULT, "rel-backend");
        environment.keySet().removeIf(name -> !name.startsWith("HEAVY_"));

        assertThat(environment).isNotEmpty().isEqualTo(expected);
    }

    /** Helm alone would write 1e+06, which the service rejects. */
    @Test
    void largeNumbersStayWholeNumbers() {
        assertThat(Charts.configMap(EVERYTHING_ON, OVERRIDE))
                .containsEntry("HEAVY_MAX_IN_FLIGHT", "1000000")
                .containsEntry("HEAVY_LATENCIES_MS", "0,50000")
                .containsEntry("SHUTDOWN_DRAIN_MS", "20500");
    }

    // playground:start
    @Test
    void pageLinksToTheAddressesOfTheValues() {
        assertThat(Charts.configMap(EVERYTHING_ON, OVERRIDE))
                .containsEntry("GRAFANA_URL", "https://example.com/grafana")
                .containsEntry("PROMETHEUS_URL", "https://example.com/prometheus")
                .containsEntry("ALERTMANAGER_URL", "https://example.com/alertmanager");
    }

    // playground:end

    @ParameterizedTest
    @CsvSource({
        "heavy.errorRate, 1.0, HEAVY_ERROR_RATE",
        "heavy.errorRate, 0.0, HEAVY_ERROR_RATE",
        "heavy.errorRate, .5, HEAVY_ERROR_RATE",
        "heavy.seed, 42, HEAVY_SEED",
        "heavy.seed, -9007199254740991, HEAVY_SEED",
        "heavy.seed, '', HEAVY_SEED",
    })
    void passesNumberAsWritten(String key, String value, String variable) {
        assertThat(Charts.configMap(Charts.objects("backend", key, value), "rel-backend"))
                .containsEntry(variable, value);
    }

    /** Loki would store text twice: Promtail cannot build the entries that the appender pushes. */
    @ParameterizedTest
    @CsvSource({
        "json, http://loki:3100, '', true",
        "json, '', '', true",
        "text, http://loki:3100, '', ",
        "text, '', '', true",
        "text, http://loki:3100, true, true",
        "json, http://loki:3100, false, false",
    })
    void podIsTailedUnlessItPushesText(String format, String loki, String label, String tailed)
            throws IOException {
        Path values = Files.createTempFile("values", ".yaml");
        String labels = label.isEmpty() ? "{}" : "{promtail: '" + label + "'}";
        Files.writeString(
                values,
                "{logFormat: %s, lokiHost: '%s', podLabels: %s}".formatted(format, loki, labels));
        String rendered = Charts.template("backend").withValuesFile(values).call();

        assertThat(
                        deployment(Manifest.parse(rendered))
                                .pod()
                                .at("/metadata/labels/promtail")
                                .textValue())
                .isEqualTo(tailed);
    }

    @Test
    void onlyAutoscalerSetsReplicas() {
        assertThat(deployment(EVERYTHING_ON).at("/spec").has("replicas")).isFalse();
        Manifest autoscaler = one(EVERYTHING_ON, "HorizontalPodAutoscaler", OVERRIDE);
        assertThat(autoscaler.text("/spec/scaleTargetRef/kind")).isEqualTo("Deployment");
        assertThat(autoscaler.text("/spec/scaleTargetRef/name")).isEqualTo(OVERRIDE);

        List<Manifest> fixed = Scenario.of("backend", "existing-stack").objects();
        assertThat(deployment(fixed).text("/spec/replicas")).isEqualTo("2");
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 1"})
    void onlySeveralPodsHaveADisruptionBudget(String replicas, int budgets) {
        String rendered =
                Charts.template("backend")
                        .set("podDisruptionBudget.enabled", "true")
                        .set("replicaCount", replicas)
                        .call();

        assertThat(all(Manifest.parse(rendered), "PodDisruptionBudget"))
                .hasSize(budgets)
                .allMatch(budget -> budget.selector().equals(deployment(DEFAULT).selector()));
    }

    @Test
    void optionalObjectsSelectThePods() {
        Map<String, String> selector = deployment(EVERYTHING_ON).selector();
        Manifest policy = one(EVERYTHING_ON, "NetworkPolicy", OVERRIDE);
        JsonNode target = one(EVERYTHING_ON, "Ingress", OVERRIDE).json().findPath("service");
        Manifest service = one(EVERYTHING_ON, "Service", text(target, "/name"));
        JsonNode spread = deployment(EVERYTHING_ON).pod().at("/spec/topologySpreadConstraints");

        assertThat(policy.map("/spec/podSelector/matchLabels")).isEqualTo(selector);
        assertThat(policy.text("/spec/ingress/0/ports/0/port")).isEqualTo("http");
        assertThat(policy.at("/spec/ingress/0/from")).hasSize(2);
        assertThat(one(EVERYTHING_ON, "PodDisruptionBudget", OVERRIDE).selector())
                .isEqualTo(selector);
        assertThat(service.at("/spec/ports").findValuesAsText("name"))
                .containsExactly(text(target, "/port/name"));
        assertThat(spread).hasSize(1);
        assertThat(Manifest.map(spread.at("/0/labelSelector/matchLabels"))).isEqualTo(selector);
    }

    private static Manifest deployment(List<Manifest> objects) {
        return all(objects, "Deployment").get(0);
    }
}
