package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.TemplateCommand;
import dev.playground.monitoring.testkit.Project;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * k8s/ is what the charts render. After a change of theirs, or of the configuration that they read,
 * this command writes it anew:
 *
 * <pre>mvn test -Dtest=ManifestsTest -Dk8s.write=true</pre>
 */
class ManifestsTest {
    static final List<String> CHARTS = Charts.NAMES;

    private static final String COMMAND = "mvn test -Dtest=ManifestsTest -Dk8s.write=true";

    private static final String NAMESPACE = "backend-monitoring";

    @BeforeAll
    static void write() throws IOException {
        if (Boolean.getBoolean("k8s.write")) {
            for (String chart : CHARTS) {
                Files.writeString(Project.TOP.resolve(file(chart)), render(chart));
            }
        }
    }

    @ParameterizedTest
    @FieldSource("CHARTS")
    void areWhatTheChartsRender(String chart) throws IOException {
        assertThat(Project.text(file(chart)))
                .as("stale; this writes it anew: " + COMMAND)
                .isEqualTo(render(chart));
    }

    @ParameterizedTest
    @FieldSource("CHARTS")
    void areAllOfAChartsObjectsInOneNamespace(String chart) throws IOException {
        List<HasMetadata> objects = KubernetesObjects.parse(Project.text(file(chart)));

        assertThat(names(objects.stream()))
                .isEqualTo(
                        names(
                                KubernetesObjects.parse(template(chart).call()).stream()
                                        .filter(o -> !(o instanceof Pod || o instanceof Secret))));
        assertThat(objects)
                .allMatch(object -> object.getMetadata().getNamespace().equals(NAMESPACE));
    }

    /**
     * kubectl keeps a copy of what it applied in an annotation, and those may have 256 KiB in all.
     */
    @ParameterizedTest
    @FieldSource("CHARTS")
    void areSmallEnoughToBeApplied(String chart) throws IOException {
        assertThat(KubernetesObjects.parse(Project.text(file(chart))))
                .allSatisfy(
                        object ->
                                assertThat(Serialization.asJson(object).length())
                                        .as(object.getMetadata().getName())
                                        .isLessThan(250_000));
    }

    @Test
    void areWhatKustomizeAndJkubeTake() throws IOException {
        List<String> files = new ArrayList<>(List.of("namespace.yaml"));
        CHARTS.forEach(chart -> files.add(file(chart).getFileName().toString()));
        Map<String, Object> kustomization = Project.yaml(Path.of("k8s/kustomization.yaml"));

        assertThat(kustomization.get("resources")).isEqualTo(files);
        assertThat(KubernetesObjects.parse(Project.text(Path.of("k8s/namespace.yaml"))))
                .singleElement()
                .isInstanceOf(Namespace.class)
                .extracting(namespace -> namespace.getMetadata().getName())
                .isEqualTo(NAMESPACE);
        assertThat(Project.text(Path.of("pom.xml")))
                .contains("<jkube.kubernetesManifest>${project.basedir}/k8s/backend.yaml<");
    }

    /** Neither takes .git and target/ along. */
    @Test
    void theImageIsMadeOfTheSameFilesByDockerAndByJkube() {
        assertThat(Project.text(Path.of(".dockerignore"))).isEqualTo("*\n!pom.xml\n!src/main\n");
        assertThat(Project.text(Path.of(".jkube-dockerinclude")))
                .isEqualTo("pom.xml\nsrc/main/**\n");
    }

    private static Path file(String chart) {
        return Path.of("k8s", chart + ".yaml");
    }

    private static List<String> names(Stream<HasMetadata> objects) {
        return objects.map(o -> o.getKind() + "/" + o.getMetadata().getName()).sorted().toList();
    }

    private static TemplateCommand template(String chart) {
        TemplateCommand template = Charts.template(chart).withName(chart).withNamespace(NAMESPACE);
        // A password that is written down here would be none: the user makes this Secret.
        return chart.equals("monitoring")
                ? template.set("grafana.admin.existingSecret", "monitoring-grafana")
                : template;
    }

    private static String render(String chart) {
        String header =
                """
                # helm/%s with its default values. Written by: %s
                """
                        .formatted(chart, COMMAND);
        return Pattern.compile("(?m)^---\\n")
                .splitAsStream(template(chart).call())
                .filter(document -> document.contains("\nkind: "))
                // The pod of helm test, for which nobody asks here.
                .filter(document -> !document.contains("\nkind: Pod\n"))
                // Helm puts the namespace in when it installs; here nobody would.
                .map(
                        document ->
                                document.replaceFirst(
                                        "\nmetadata:\n",
                                        "\nmetadata:\n  namespace: " + NAMESPACE + "\n"))
                .map(document -> "---\n" + document.stripTrailing() + "\n")
                .collect(Collectors.joining("", header, ""));
    }
}
