package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.Helm;
import dev.playground.monitoring.charts.Charts.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A changed configuration restarts the pods that read it, by a checksum on the pod. */
class RolloutTest {
    @EachScenario
    void podsHaveAChecksumOfTheirConfiguration(Scenario scenario) {
        assertThat(checksums(scenario.objects()).values()).isNotEmpty().doesNotContain("");
    }

    @Test
    void changedValueChangesChecksum() {
        assertThat(checksums(Charts.objects("backend", "heavy.errorRate", "0.5")))
                .isNotEqualTo(checksums(Charts.objects("backend", "heavy.errorRate", "0.6")))
                .isEqualTo(checksums(Charts.objects("backend", "heavy.errorRate", "0.5")));
    }

    @ParameterizedTest
    @CsvSource({
        "prometheus/prometheus.yml, rel-prometheus",
        "prometheus/rules/service.yml, rel-prometheus",
        "alertmanager/alertmanager.yml, rel-alertmanager",
        "loki/loki.yaml, rel-loki",
        "promtail/promtail.yaml, rel-promtail",
        "grafana/datasources.yaml, rel-grafana",
        "grafana/dashboards/service.json, rel-grafana",
    })
    void changedFileChangesOnlyChecksumOfItsReader(String file, String reader, @TempDir Path folder)
            throws IOException {
        Path chart = Charts.copy("monitoring", folder);
        Map<String, String> before = checksums(chart);
        Path changed = chart.resolve("files").resolve(file);
        Files.writeString(changed, Files.readString(changed) + "\n# changed\n");
        Map<String, String> after = checksums(chart);

        assertThat(before).hasSize(5);
        assertThat(after.remove(reader)).isNotNull().isNotEqualTo(before.remove(reader));
        assertThat(after).isEqualTo(before);
    }

    private static Map<String, String> checksums(Path chart) {
        String rendered = new Helm(chart).template().withName(Charts.RELEASE).call();
        return checksums(Manifest.parse(rendered));
    }

    /** Name of a workload to the checksum of its configuration. */
    private static Map<String, String> checksums(List<Manifest> objects) {
        Map<String, String> checksums = new TreeMap<>();
        for (Manifest controller : Manifest.controllers(objects)) {
            checksums.put(
                    controller.name(),
                    Manifest.text(controller.pod(), "/metadata/annotations/checksum~1config"));
        }
        return checksums;
    }
}
