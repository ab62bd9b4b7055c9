package dev.playground.monitoring.compose;

import static dev.playground.monitoring.charts.Manifest.container;
import static dev.playground.monitoring.charts.Manifest.controller;
import static dev.playground.monitoring.charts.Manifest.controllers;
import static dev.playground.monitoring.charts.Manifest.environment;
import static dev.playground.monitoring.charts.Manifest.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.playground.monitoring.charts.Charts;
import dev.playground.monitoring.charts.Charts.Scenario;
import dev.playground.monitoring.charts.Manifest;
import dev.playground.monitoring.charts.PodFiles;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compose and the charts use the same configuration. */
class ChartParityTest {
    private static final List<Manifest> OBJECTS =
            Stream.of(
                            // playground:start
                            Charts.objects("backend", "traffic.enabled", "true").stream()
                                    .filter(object -> object.name().endsWith("-traffic"))
                                    .toList(),
                            // playground:end
                            Scenario.of("backend", "default").objects(),
                            Scenario.of("monitoring", "default").objects())
                    .flatMap(List::stream)
                    .toList();

    static Set<String> services() {
        return Project.map(Project.compose(), "services").keySet();
    }

    @Test
    void bothRunTheSameContainers() {
        assertThat(controllers(OBJECTS))
                .flatExtracting(controller -> controller.containers().toList())
                .extracting(container -> text(container, "/name"))
                .hasSameSizeAs(services())
                .hasSameElementsAs(services().stream().map(s -> containerOf(s)).toList());
    }

    private static String containerOf(String service) {
        return service.equals("prom-server") ? "prometheus" : service;
    }

    @ParameterizedTest
    @MethodSource("services")
    void imageAndMemoryLimitAreTheSame(String service) {
        Map<String, Object> compose = Project.composeService(service);
        JsonNode container = container(OBJECTS, containerOf(service));

        assertThat(text(container, "/image")).isEqualTo(compose.get("image"));
        assertThat(text(container, "/resources/limits/memory"))
                .isEqualTo(compose.get("mem_limit").toString().replace("m", "Mi"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // playground:start
                "traffic",
                // playground:end
                "prom-server",
                "alertmanager",
                "loki",
                "promtail"
            })
    void argumentsAreTheSame(String service) {
        assertThat(container(OBJECTS, containerOf(service)).path("args"))
                .extracting(JsonNode::asText)
                .isEqualTo(
                        strings(service, "command").stream()
                                // A variable that is unset.
                                .map(arg -> arg.replaceAll("\\$\\{\\w+:\\+[^}]*}", ""))
                                .toList());
    }

    /** Byte for byte and at the same path; the chart also has discovery files. */
    @ParameterizedTest
    @MethodSource("services")
    void mountedFilesAreTheSame(String service) throws IOException {
        Map<String, String> mounted = new TreeMap<>();
        for (String volume : strings(service, "volumes")) {
            String[] parts = volume.split(":");
            if (parts[0].startsWith("./")) {
                mounted.putAll(files(Project.TOP.resolve(parts[0]).normalize(), parts[1]));
            }
        }
        Manifest workload = controller(OBJECTS, "-" + containerOf(service));

        assertThat(PodFiles.of(OBJECTS, workload)).containsAllEntriesOf(mounted);
        assertThat(mounted.isEmpty()).isEqualTo(service.equals("backend"));
    }

    @SuppressWarnings("unchecked")
    private static List<String> strings(String service, String key) {
        return (List<String>) Project.composeService(service).getOrDefault(key, List.of());
    }

    private static Map<String, String> files(Path file, String target) throws IOException {
        if (!Files.isDirectory(file)) {
            return Map.of(target, Project.text(file));
        }
        Map<String, String> files = new TreeMap<>();
        for (Path one : Project.files(Project.FILES.relativize(file).toString())) {
            files.put(target + "/" + one.getFileName(), Project.text(one));
        }
        return files;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // playground:start
                "traffic",
                // playground:end
                "grafana"
            })
    void settingsAreTheSame(String service) {
        Map<String, Object> compose = composeEnvironment(service);
        Map<String, Object> chart = new TreeMap<>(environment(container(OBJECTS, service)));

        assertThat(chart).containsOnlyKeys(compose.keySet());
        for (Map<String, Object> settings : List.of(compose, chart)) {
            // Addresses and the login differ.
            settings.keySet().removeIf(key -> key.matches(".*(_URL|_ADMIN_|_TENANT).*"));
        }
        // The default of a variable.
        compose.replaceAll((key, value) -> value.toString().replaceAll("\\$\\{\\w+:-(.*)}", "$1"));
        assertThat(chart).isNotEmpty().isEqualTo(compose);
    }

    private static Map<String, Object> composeEnvironment(String service) {
        return new TreeMap<>(Project.map(Project.composeService(service), "environment"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"grafana", "promtail"})
    void bothSetEachVariableOfTheSharedFiles(String part) throws IOException {
        Set<String> variables = new TreeSet<>();
        for (Path file : Project.files(part)) {
            if (Files.isRegularFile(file)) {
                variables.addAll(groups(Project.text(file), "\\$\\{([A-Z_]+)}"));
            }
        }
        Set<String> compose = composeEnvironment(part).keySet();
        Set<String> chart = environment(container(OBJECTS, part)).keySet();

        assertThat(variables).hasSizeGreaterThan(1);
        // Only discovery differs.
        assertThat(variables).filteredOn(v -> !v.equals("KUBERNETES_SD")).isSubsetOf(compose);
        assertThat(variables).filteredOn(v -> !v.equals("DOCKER_SD")).isSubsetOf(chart);
        assertThat(compose).doesNotContain("KUBERNETES_SD");
        assertThat(chart).doesNotContain("DOCKER_SD");
    }

    @Test
    void promtailGivesLinesTheSameLabels() {
        Map<String, String> chart = environment(container(OBJECTS, "promtail"));

        assertThat(labels(chart.get("RELABEL")))
                .isNotEmpty()
                .isEqualTo(labels(composeEnvironment("promtail").get("RELABEL").toString()));
        assertThat(chart)
                .containsEntry("KUBERNETES_SD", "[{role: pod, namespaces: {own_namespace: true}}]");
    }

    private static Set<String> labels(String relabel) {
        return new TreeSet<>(groups(relabel, "target_label: (?!__)(\\w+)"));
    }

    private static List<String> groups(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).results().map(m -> m.group(1)).toList();
    }
}
