package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.Helm;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * {@code helm upgrade --reuse-values}: Helm puts the values of the installed release in the place
 * of values.yaml, and those lack what is newer.
 */
class ChartUpgradeTest {
    static final List<String> CHARTS = Charts.NAMES;

    private static final String COMMAND = "mvn test -Dtest=ChartUpgradeTest -Dcharts.write=true";

    private static final String HEAD =
            "# Defaults of values.yaml for templates: Helm ignores values.yaml with --reuse-values.\n"
                    + "# Written by: "
                    + COMMAND
                    + "\n";

    @TempDir Path folder;

    @ParameterizedTest
    @FieldSource("CHARTS")
    void defaultsAreThoseOfValuesYaml(String chart) throws IOException {
        Path file = Charts.folder(chart).resolve("defaults.yaml");
        if (Boolean.getBoolean("charts.write")) {
            DumperOptions options = new DumperOptions();
            options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
            Files.writeString(file, HEAD + new Yaml(options).dump(values(chart)));
        }

        assertThat(Project.yaml(file))
                .as("stale; this writes it: " + COMMAND)
                .isEqualTo(values(chart));
    }

    @ParameterizedTest
    @FieldSource("CHARTS")
    void eachTemplateSetsTheDefaultsFirst(String chart) throws IOException {
        try (Stream<Path> files = Files.walk(Charts.folder(chart).resolve("templates"))) {
            assertThat(files.filter(f -> f.toString().matches(".*\\.(yaml|txt)")))
                    .hasSizeGreaterThan(10)
                    .allSatisfy(
                            file ->
                                    assertThat(file)
                                            .content()
                                            .startsWith(
                                                    "{{- include \"%s.defaults\" "
                                                            .formatted(chart)));
        }
    }

    @ParameterizedTest
    @FieldSource("CHARTS")
    void anyAbsentValueHasItsDefault(String chart) throws IOException {
        Path copy = Charts.copy(chart, folder);
        // They depend on no value, and would take most of the time.
        try (Stream<Path> files = Files.list(copy.resolve("files/grafana/dashboards"))) {
            for (Path dashboard : files.toList()) {
                Files.delete(dashboard);
            }
        }
        String expected = render(copy, values(chart));
        List<List<String>> paths = new ArrayList<>(List.of(List.of()));
        paths(values(chart), List.of(), paths);

        assertThat(paths)
                .hasSizeGreaterThan(60)
                .allSatisfy(
                        path -> assertThat(render(copy, without(path, chart))).isEqualTo(expected));
    }

    @ParameterizedTest
    @FieldSource("CHARTS")
    void acceptsTheValuesOfTheFirstVersion(String chart) throws IOException {
        Path copy = Charts.copy(chart, folder);
        Path first = Path.of("src/test/resources/charts/first-" + chart + "-values.yaml");

        assertThat(Manifest.parse(render(copy, Project.yaml(first))))
                .hasSameSizeAs(Charts.Scenario.of(chart, "default").objects());
    }

    private static Map<String, Object> values(String chart) {
        return Project.yaml(Charts.folder(chart).resolve("values.yaml"));
    }

    private static String render(Path chart, Map<String, Object> values) throws IOException {
        Files.writeString(chart.resolve("values.yaml"), new Yaml().dump(values));
        return new Helm(chart)
                .template()
                .withName(Charts.RELEASE)
                .call()
                .replaceAll("admin-password: .+", ""); // another one each time
    }

    /** Of each value, and of each group of them. */
    private static void paths(Map<?, ?> tree, List<String> prefix, List<List<String>> into) {
        tree.forEach(
                (key, value) -> {
                    List<String> path = new ArrayList<>(prefix);
                    path.add(key.toString());
                    into.add(path);
                    if (Charts.isGroup(key.toString(), value)) {
                        paths((Map<?, ?>) value, path, into);
                    }
                });
    }

    /** No values at all for the empty path. */
    private static Map<String, Object> without(List<String> path, String chart) {
        if (path.isEmpty()) {
            return Map.of();
        }
        Map<String, Object> values = values(chart);
        Map<String, Object> parent = values;
        for (String key : path.subList(0, path.size() - 1)) {
            parent = Project.map(parent, key);
        }
        parent.remove(path.get(path.size() - 1));
        return values;
    }
}
