package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The charts as dependencies of another: by their names, and under aliases. */
class ChartDependencyTest {
    @TempDir static Path parent;

    @BeforeAll
    static void makeTheParentChart() throws IOException {
        StringBuilder chart =
                new StringBuilder("{apiVersion: v2, name: parent, version: 1.0.0, dependencies: [");
        for (String alias : List.of("backend", "pay", "a", "monitoring", "watch")) {
            String name = List.of("monitoring", "watch").contains(alias) ? "monitoring" : "backend";
            chart.append(
                    "{name: %s, alias: %s, version: '*', condition: %s.enabled},"
                            .formatted(name, alias, alias));
        }
        Files.writeString(parent.resolve("Chart.yaml"), chart + "]}");
        Path charts = Files.createDirectory(parent.resolve("charts"));
        for (String name : Charts.NAMES) {
            Charts.copy(name, charts);
        }
    }

    private static TemplateCommand template() {
        return new Helm(parent).template().withName(Charts.RELEASE).withNamespace(Charts.NAMESPACE);
    }

    /** Under names that hold an alias, and truncated names. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "rel",
                "backend",
                "monitoring",
                "payday",
                "a",
                "r23456789012345678901234567890123456789012345678901"
            })
    void aliasesShareNoNameAndNoPod(String release) {
        List<Manifest> objects = Manifest.parse(template().withName(release).call());
        List<Manifest> workloads = Manifest.workloads(objects);

        assertThat(objects)
                .extracting(Manifest::toString)
                .hasSizeGreaterThan(60)
                .doesNotHaveDuplicates();
        assertThat(Manifest.all(objects, "Service"))
                .hasSize(3 + 2 * 4)
                .allSatisfy(
                        service ->
                                assertThat(workloads)
                                        .filteredOn(o -> o.matches(service.selector()))
                                        .hasSize(1));
    }

    @Test
    void conditionsDisableCharts() {
        String rendered =
                template()
                        .set("backend.enabled", "false")
                        .set("pay.enabled", "false")
                        .set("watch.enabled", "false")
                        .set("monitoring.enabled", "true")
                        .call();

        assertThat(Manifest.parse(rendered))
                .extracting(Manifest::name)
                .contains("rel-a", "rel-loki")
                .doesNotContain("rel-backend", "rel-pay", "rel-watch-loki");
    }

    @Test
    void globalValuesReachEachPod() {
        List<Manifest> objects =
                Manifest.parse(
                        template()
                                .set("global.imageRegistry", "registry.example.com:5000")
                                .set("global.imagePullSecrets[0]", "one")
                                .set("global.imagePullSecrets[1].name", "two")
                                .set("pay.imagePullSecrets[0].name", "own")
                                .call());

        assertThat(Manifest.workloads(objects))
                .anyMatch(Manifest::isPod)
                .allSatisfy(
                        workload -> {
                            assertThat(workload.containers().toList())
                                    .extracting(container -> container.path("image").asText())
                                    .allMatch(i -> i.startsWith("registry.example.com:5000/"));
                            boolean own = workload.name().matches("rel-pay(-test)?");
                            assertThat(workload.pod().at("/spec/imagePullSecrets"))
                                    .extracting(secret -> secret.path("name").asText())
                                    .isEqualTo(
                                            own
                                                    ? List.of("own", "one", "two")
                                                    : List.of("one", "two"));
                        });
    }

    /** Each is a template of what the parent chart knows. */
    @ParameterizedTest
    @CsvSource({
        "pay.lokiHost, 'http://{{ .Release.Name }}-loki:3100', http://rel-loki:3100",
        "pay.lokiHost, '{{ .Values.global.loki }}', http://loki.global",
        "pay.ingress.host, 'pay.{{ .Release.Namespace }}.local', pay.some-namespace.local",
        "watch.loki.url, 'http://{{ .Release.Name }}-gateway', http://rel-gateway",
        "watch.prometheus.url, '{{ .Values.global.loki }}/prometheus', http://loki.global/prometheus",
        "watch.alertmanager.url, 'https://{{ .Release.Name }}-alerts', https://rel-alerts",
        "watch.prometheus.externalUrl, 'https://{{ .Release.Name }}.local', =https://rel.local",
        "watch.alertmanager.externalUrl, 'https://{{ .Release.Name }}.local', =https://rel.local",
        "watch.prometheus.remoteWrite[0].url, 'http://{{ .Release.Name }}-mimir', 'url: http://rel-mimir'",
    })
    void addressesMayBeTemplates(String key, String value, String rendered) {
        String component = key.replaceFirst("\\.url$", ".enabled");
        TemplateCommand template =
                template()
                        .set("global.loki", "http://loki.global")
                        .set(key, value)
                        .set("pay.ingress.enabled", "true");
        if (!component.equals(key)) {
            template.set(component, "false");
        }

        assertThat(template.call()).contains(rendered);
    }

    @ParameterizedTest
    @CsvSource({
        "pay.lokiHost, '{{ .Release.Name }}:3100', 'lokiHost: invalid value \"rel:3100\": expected a base URL'",
        "watch.prometheus.externalUrl, '{{ .Release.Name }}', 'prometheus.externalUrl: invalid value \"rel\": expected a URL'",
    })
    void rejectsATemplateThatRendersNoAddress(String key, String value, String message) {
        assertThatThrownBy(template().set(key, value)::call).hasMessageContaining(message);
    }
}
