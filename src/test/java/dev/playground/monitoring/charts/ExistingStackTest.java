package dev.playground.monitoring.charts;

import static dev.playground.monitoring.charts.Manifest.all;
import static dev.playground.monitoring.charts.Manifest.container;
import static dev.playground.monitoring.charts.Manifest.environment;
import static dev.playground.monitoring.charts.Manifest.one;
import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.charts.Charts.Scenario;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** Both charts next to a monitoring stack that is already there. */
class ExistingStackTest {
    private static final List<Manifest> SERVICE =
            Scenario.of("backend", "existing-stack").objects();

    @Test
    void serviceMonitorSetsSameLabels() {
        Manifest service = one(SERVICE, "Service", "rel-backend");
        String spec =
                """
                jobLabel: app.kubernetes.io/name
                selector: {matchLabels: %s}
                endpoints:
                  - port: %s
                    path: /metrics
                    interval: 15s
                    relabelings:
                      - {sourceLabels: [__meta_kubernetes_pod_name], targetLabel: instance}
                """
                        .formatted(
                                service.at("/spec/selector"), service.text("/spec/ports/0/name"));

        assertThat(one(SERVICE, "ServiceMonitor", "rel-backend").at("/spec"))
                .isEqualTo(KubernetesObjects.json(new Yaml().load(spec)));
        assertThat(service.map("/metadata/labels"))
                .containsAllEntriesOf(service.selector())
                .containsEntry(NamesTest.NAME, "backend-monitoring");
    }

    /** Without the rules for the stack of the monitoring chart, which is absent here. */
    @Test
    void prometheusRuleHasOnlyRulesOfService() {
        Path rules = Project.FILES.resolve("prometheus/rules/service.yml");

        assertThat(one(SERVICE, "PrometheusRule", "rel-backend").at("/spec"))
                .isEqualTo(KubernetesObjects.json(Project.yaml(rules)));
        assertThat(all(SERVICE, "PrometheusRule")).hasSize(1);
    }

    @Test
    void operatorObjectsHaveTheLabelsOfTheValues() {
        for (String kind : List.of("ServiceMonitor", "PrometheusRule")) {
            assertThat(all(SERVICE, kind))
                    .extracting(object -> object.map("/metadata/labels").get("release"))
                    .containsExactly("kube-prometheus-stack");
        }
    }

    @Test
    void grafanasSidecarGetsTheDashboardsOfTheService() throws IOException {
        Manifest dashboards = one(SERVICE, "ConfigMap", "rel-backend-dashboards");
        Map<String, String> expected = new TreeMap<>();
        for (Path file : Project.files("grafana/dashboards")) {
            expected.put("rel-backend-" + file.getFileName(), Project.text(file));
        }
        // It shows the stack of the monitoring chart, which is absent here.
        expected.remove("rel-backend-monitoring-stack.json");

        assertThat(dashboards.map("/metadata/labels")).containsEntry("grafana_dashboard", "yes");
        assertThat(dashboards.map("/data")).isEqualTo(expected).hasSizeGreaterThan(2);
    }

    @Test
    void grafanaAndTheAgentUseTheGivenAddresses() {
        List<Manifest> objects = Scenario.of("monitoring", "existing-stack").objects();

        assertThat(environment(container(objects, "grafana")))
                .containsEntry(
                        "PROMETHEUS_URL", "http://kube-prometheus-stack-prometheus.monitoring:9090")
                .containsEntry("LOKI_URL", "http://loki-gateway.logging")
                .containsEntry("ALERTMANAGER_URL", "https://alertmanager.example.com");
        assertThat(environment(container(objects, "promtail")))
                .containsEntry("LOKI_URL", "http://loki-gateway.logging");
    }
}
