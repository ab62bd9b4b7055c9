package dev.playground.monitoring.charts;

import static dev.playground.monitoring.charts.Manifest.controller;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.TemplateCommand;
import dev.playground.monitoring.charts.Charts.Scenario;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images by registry and tag, and labels with component and version. */
class ImageTest {
    private static final String DIGEST = "@sha256:" + "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @CsvSource({
        "5176135, 5176135",
        "20261126140000, 20261126140000",
        "9007199254740993, 9007199254740993",
        "0, 0",
        "007, 007",
        "1.10, 1.10",
        "v1.2.3-rc.1, v1.2.3-rc.1",
        "a234567890123456789012345678901234567890123456789012345678901-._tail, a234567890123456789012345678901234567890123456789012345678901",
        "_1, ''",
    })
    void keepsTagAsWritten(String tag, String version) {
        for (String chart : Charts.NAMES) {
            String image = chart.equals("backend") ? "image" : "grafana.image";
            String part = chart.equals("backend") ? "rel-backend" : "rel-grafana";

            assertThat(pod(Charts.template(chart).set(image + ".tag", tag), part))
                    .satisfies(
                            pod -> {
                                assertThat(pod.image()).endsWith(":" + tag);
                                assertThat(pod.labels())
                                        .containsEntry("app.kubernetes.io/version", version);
                            });
        }
    }

    /** In a file, a tag of digits is a number that YAML keeps as 5.176135e+06. */
    @Test
    void acceptsNumericTagOrDigestInFile(@TempDir Path folder) throws Exception {
        Path values = folder.resolve("values.yaml");
        for (String tag : List.of("5176135", "1.2.3" + DIGEST)) {
            Files.writeString(values, "image: {tag: " + tag + "}");

            Part pod = pod(Charts.template("backend").withValuesFile(values), "rel-backend");
            assertThat(pod.image()).isEqualTo("backend-monitoring:" + tag);
            assertThat(pod.labels())
                    .containsEntry("app.kubernetes.io/version", tag.replace(DIGEST, ""));
        }
        Files.writeString(values, "image: {tag: 1.10}");
        TemplateCommand fraction = Charts.template("backend").withValuesFile(values);
        assertThatThrownBy(fraction::call).hasMessageContaining("/image/tag");
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', backend-monitoring:1.0.0",
        "one.example.com, '', one.example.com/backend-monitoring:1.0.0",
        "one.example.com, two.example.com:5000/mirror, two.example.com:5000/mirror/backend-monitoring:1.0.0",
    })
    void aGlobalRegistryComesFirst(String registry, String global, String image) {
        assertThat(
                        pod(
                                        Charts.template("backend")
                                                .set("image.registry", registry)
                                                .set("global.imageRegistry", global),
                                        "rel-backend")
                                .image())
                .isEqualTo(image);
    }

    @Test
    void labelsNameThePartAndItsVersion() {
        List<Manifest> objects = new ArrayList<>(Scenario.of("monitoring", "default").objects());
        // playground:start
        objects.add(controller(Charts.objects("backend", "traffic.enabled", "true"), "-traffic"));
        // playground:end
        assertThat(Manifest.controllers(objects))
                .allSatisfy(
                        workload -> {
                            Part part = new Part(workload);
                            assertThat(part.labels())
                                    .containsEntry(
                                            "app.kubernetes.io/component",
                                            workload.containers()
                                                    .findFirst()
                                                    .orElseThrow()
                                                    .path("name")
                                                    .asText())
                                    .containsEntry(
                                            "app.kubernetes.io/version",
                                            part.image().replaceFirst(".*:", ""));
                        });
        assertThat(pod(Charts.template("backend"), "rel-backend").labels())
                .containsEntry("app.kubernetes.io/component", "service")
                .containsEntry("app.kubernetes.io/version", "1.0.0");
    }

    private record Part(String image, Map<String, String> labels) {
        Part(Manifest workload) {
            this(
                    workload.containers().findFirst().orElseThrow().path("image").asText(),
                    Manifest.map(workload.pod().at("/metadata/labels")));
        }
    }

    private static Part pod(TemplateCommand template, String name) {
        return Manifest.workloads(Manifest.parse(template.call())).stream()
                .filter(workload -> workload.name().equals(name))
                .map(Part::new)
                .findFirst()
                .orElseThrow();
    }
}
