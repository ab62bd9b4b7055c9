package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.TemplateCommand;
import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.Requirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * k8s/ is what the charts render with their default values. After a change of a chart this command
 * writes its files again:
 *
 * <pre>mvn test -Dtest=ManifestsTest -Dk8s.write=true</pre>
 */
class ManifestsTest {
    private static final String COMMAND = "mvn test -Dtest=ManifestsTest -Dk8s.write=true";

    private static final Path FOLDER = Project.TOP.resolve("k8s");

    private static final String NAMESPACE = "backend-monitoring";

    private static final Pattern COMPONENT =
            Pattern.compile("\n    app\\.kubernetes\\.io/name: (\\S+)\n");

    /** And the namespace of a subject, which Kustomize sets only where there is none. */
    private static final Pattern OMITTED =
            Pattern.compile("\n +checksum/config: .*|\n    namespace: \"" + NAMESPACE + "\"");

    /**
     * Kustomize's suffix of a generated name: hexadecimal, with letters in place of 0, 1, 3, a, e.
     */
    private static final Pattern HASH = Pattern.compile("-[2456789bcdfghkmt]{10}$");

    private static final Pattern VERSION = Pattern.compile("\"gitVersion\": *\"v1\\.(\\d+)");

    @BeforeAll
    static void write() throws IOException {
        if (Boolean.getBoolean("k8s.write")) {
            for (Map.Entry<String, String> file : files().entrySet()) {
                Path path = FOLDER.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.writeString(path, file.getValue());
            }
        }
    }

    @Test
    void matchRenderedCharts() throws IOException {
        Map<String, String> expected = files();

        for (Map.Entry<String, String> file : expected.entrySet()) {
            assertThat(FOLDER.resolve(file.getKey()))
                    .as("stale: run " + COMMAND)
                    .hasContent(file.getValue());
        }
        Set<String> names = new TreeSet<>(expected.keySet());
        names.addAll(List.of("kustomization.yaml", "namespace.yaml"));
        try (Stream<Path> files = Files.walk(FOLDER).filter(Files::isRegularFile)) {
            assertThat(files.map(file -> FOLDER.relativize(file).toString()))
                    .containsExactlyInAnyOrderElementsOf(names);
        }
    }

    /** For a machine without kubectl: each file that the chart reads is in a generator. */
    @Test
    void generateEachConfigMapFromTheFilesOfTheChart() {
        Map<String, Set<String>> generated = new TreeMap<>();
        for (Path folder : List.of(Path.of("helm/monitoring"), Path.of("k8s"))) {
            Map<String, Object> kustomization = Project.yaml(folder.resolve("kustomization.yaml"));
            for (Map<String, Object> map : Project.maps(kustomization, "configMapGenerator")) {
                for (Object file : (List<?>) map.get("files")) {
                    generated
                            .computeIfAbsent((String) map.get("name"), name -> new TreeSet<>())
                            .add(Path.of((String) file).getFileName().toString());
                }
            }
        }

        Map<String, Set<String>> rendered = new TreeMap<>();
        Manifest.all(objects("monitoring"), "ConfigMap")
                .forEach(map -> rendered.put(map.name(), map.map("/data").keySet()));
        assertThat(generated)
                .as("configMapGenerator in helm/monitoring/kustomization.yaml lists each file")
                .containsExactlyEntriesOf(rendered);
    }

    @Test
    void kustomizeBuildsObjectsOfCharts() {
        String built = kustomize("k8s");
        List<String> generated =
                Manifest.all(Manifest.parse(built), "ConfigMap").stream()
                        .map(Manifest::name)
                        .filter(name -> HASH.matcher(name).find())
                        .toList();
        for (String name : generated) {
            built = built.replace(name, HASH.matcher(name).replaceFirst(""));
        }
        Map<String, Manifest> objects = byName(Manifest.parse(built));
        Map<String, Manifest> expected =
                byName(Manifest.parse(Project.text(Path.of("k8s/namespace.yaml"))));
        for (String chart : Charts.NAMES) {
            List<Manifest> rendered = objects(chart);
            for (Manifest object : rendered) {
                ((ObjectNode) object.at("/metadata")).put("namespace", NAMESPACE);
                object.at("/subjects")
                        .forEach(subject -> ((ObjectNode) subject).put("namespace", NAMESPACE));
            }
            expected.putAll(byName(rendered));
        }

        assertThat(generated).hasSameSizeAs(Manifest.all(objects("monitoring"), "ConfigMap"));
        assertThat(objects.keySet()).isEqualTo(expected.keySet());
        objects.forEach(
                (name, object) -> assertThat(object).as(name).isEqualTo(expected.get(name)));
    }

    @Test
    void overlayWithAnotherNamespaceNamesNoOther(@TempDir Path folder) throws IOException {
        Path base = folder.toRealPath().relativize(Path.of("k8s").toRealPath());
        Files.writeString(
                folder.resolve("kustomization.yaml"),
                "namespace: other\nresources: [\"%s\"]\n".formatted(base));

        assertThat(kustomize(folder.toString()))
                .contains("namespace: other\n")
                .doesNotContain("namespace: " + NAMESPACE)
                .doesNotContain("." + NAMESPACE + ":", "[" + NAMESPACE, "- " + NAMESPACE + "\n");
    }

    private static Map<String, Manifest> byName(List<Manifest> objects) {
        return objects.stream().collect(Collectors.toMap(Manifest::toString, o -> o));
    }

    /**
     * kubectl keeps a copy of what it applied in an annotation, and those may have 256 KiB in all.
     */
    @Test
    void areSmallEnoughForKubectlApply() {
        assertThat(Charts.NAMES.stream().flatMap(chart -> objects(chart).stream()))
                .allSatisfy(
                        object ->
                                assertThat(object.json().toString().length())
                                        .as(object.name())
                                        .isLessThan(250_000));
    }

    @Test
    void includeTheFileThatJkubeApplies() {
        assertThat(Project.text(Path.of("pom.xml")))
                .contains("<jkube.kubernetesManifest>${project.basedir}/k8s/backend.yaml<")
                .contains("<jkube.namespace>" + NAMESPACE + "<");
    }

    /** Neither copies .git and target/. */
    @Test
    void buildTheImageFromTheSameFilesWithDockerAndJkube() {
        assertThat(Project.text(Path.of(".dockerignore"))).isEqualTo("*\n!pom.xml\n!src/main\n");
        assertThat(Project.text(Path.of(".jkube-dockerinclude")))
                .isEqualTo("pom.xml\nsrc/main/**\n");
    }

    /** The output of {@code kubectl kustomize}. */
    private static String kustomize(String folder) {
        Matcher version = VERSION.matcher(kubectl("version", "--client", "-o", "json").output());
        if (!version.find() || Integer.parseInt(version.group(1)) < 23) {
            Requirement.KUBECTL.isMissing(
                    "There is no kubectl 1.23 or newer on PATH. This test runs kubectl kustomize.");
        }
        return kubectl("kustomize", folder).expectSuccess();
    }

    private static Command.Result kubectl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("kubectl"));
        command.addAll(List.of(arguments));
        return Command.run(Project.TOP, Map.of(), "", command);
    }

    /** Content of each written file by its path in k8s/. */
    private static Map<String, String> files() {
        Map<String, String> files = new TreeMap<>();
        for (String chart : Charts.NAMES) {
            for (String document : documents(chart)) {
                if (isGenerated(chart, document)) {
                    continue;
                }
                String file = (chart.equals("backend") ? chart : component(document)) + ".yaml";
                files.putIfAbsent(
                        file,
                        "# helm/%s with its default values. Written by: %s\n"
                                .formatted(chart, COMMAND));
                files.merge(file, "---\n" + document.stripTrailing() + "\n", String::concat);
            }
        }
        Map<String, String> prometheus =
                Charts.configMap(objects("monitoring"), "monitoring-prometheus");
        for (String file : List.of("alertmanager.yml", "kubernetes.yml")) {
            files.put("discovery/" + file, prometheus.get(file));
        }
        return files;
    }

    private static boolean isGenerated(String chart, String document) {
        return chart.equals("monitoring") && document.contains("\nkind: ConfigMap\n");
    }

    private static String component(String document) {
        return COMPONENT.matcher(document).results().findFirst().orElseThrow().group(1);
    }

    private static List<Manifest> objects(String chart) {
        return documents(chart).stream().flatMap(d -> Manifest.parse(d).stream()).toList();
    }

    /** The objects of a chart as YAML, in the order of Helm. */
    private static List<String> documents(String chart) {
        TemplateCommand template = Charts.template(chart).withName(chart).withNamespace(NAMESPACE);
        if (chart.equals("monitoring")) {
            // A password in a file is not secret: the user creates this Secret.
            template.set("grafana.admin.existingSecret", "monitoring-grafana");
        }
        return Pattern.compile("(?m)^---\\n")
                .splitAsStream(template.call())
                .filter(document -> document.contains("\nkind: "))
                // The pod of helm test.
                .filter(document -> !document.contains("\nkind: Pod\n"))
                // The hash in a generated name does the same.
                .map(
                        document ->
                                chart.equals("monitoring")
                                        ? OMITTED.matcher(document).replaceAll("")
                                        : document)
                .toList();
    }
}
