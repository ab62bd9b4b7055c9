package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.TemplateCommand;
import dev.playground.monitoring.charts.Charts.Scenario;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.yaml.snakeyaml.Yaml;

/** The values of the charts: their schema, and that each has an effect. */
class ValuesTest {
    static final List<String> CHARTS = Charts.NAMES;

    @TempDir Path folder;

    @ParameterizedTest
    @CsvFileSource(resources = "/charts/rejected-values.csv", numLinesToSkip = 1)
    void rejectsAWrongValueWithItsPath(String chart, String key, String value, String path) {
        TemplateCommand template = Charts.template(chart).set(key, value);

        assertThatThrownBy(template::call).hasMessageContaining(path);
    }

    @ParameterizedTest
    @CsvSource({
        "ingress.enabled, true, ingress.host, '', /ingress/host",
        "autoscaling.enabled, true, autoscaling.minReplicas, 6,"
                + " 'autoscaling.minReplicas: invalid value 6: expected at most"
                + " autoscaling.maxReplicas (5)'",
    })
    void reportsPathOfInconsistentValue(
            String key, String value, String otherKey, String otherValue, String message) {
        TemplateCommand template =
                Charts.template("backend").set(key, value).set(otherKey, otherValue);

        assertThatThrownBy(template::call).hasMessageContaining(message);
    }

    /** Kubernetes' own keys, which may be left out. */
    private static final Set<String> OPTIONAL = Set.of("limits", "requests");

    /** Set by a parent chart. */
    private static final Set<String> OF_PARENT = Set.of("enabled", "global");

    @ParameterizedTest
    @FieldSource("CHARTS")
    void schemaListsEveryKeyAndRequiresNone(String chart) {
        JsonNode schema = json(chart, "values.schema.json");
        JsonNode values = json(chart, "values.yaml");
        ((ObjectNode) schema.path("properties")).remove(OF_PARENT);
        ((ObjectNode) values).remove(OF_PARENT);

        expectSameKeys(schema, schema, values, chart);
    }

    private static void expectSameKeys(
            JsonNode root, JsonNode schema, JsonNode values, String path) {
        if (schema.has("$ref")) {
            schema = root.at(schema.path("$ref").asText().substring(1));
        }
        if (schema.has("properties")) {
            JsonNode properties = schema.path("properties");
            Set<String> keys = Manifest.map(properties).keySet();
            keys.removeAll(OPTIONAL);

            assertThat(schema.path("additionalProperties")).as(path).hasToString("false");
            assertThat(schema.has("required")).as(path).isFalse();
            assertThat(Manifest.map(values).keySet())
                    .as(path)
                    .filteredOn(key -> !OPTIONAL.contains(key))
                    .hasSameElementsAs(keys);
            for (String key : keys) {
                expectSameKeys(root, properties.path(key), values.path(key), path + "." + key);
            }
        }
    }

    private static JsonNode json(String chart, String file) {
        return KubernetesObjects.json(Project.yaml(Charts.folder(chart).resolve(file)));
    }

    @ParameterizedTest
    @FieldSource("CHARTS")
    void eachValueAffectsSomeScenario(String chart) throws IOException {
        Map<String, Object> defaults = Project.yaml(Charts.folder(chart).resolve("values.yaml"));
        Set<String> unused = new TreeSet<>(leaves(defaults, ""));
        for (Scenario scenario : Charts.scenarios(chart).toList()) {
            String rendered = stable(scenario.render());
            for (String path : leaves(Project.yaml(scenario.values()), "")) {
                if (!renders(without(path, scenario), rendered)) {
                    unused.remove(path);
                }
            }
        }
        assertThat(unused).isEmpty();
    }

    /** The paths of the values. One that Kubernetes defines is a value as a whole. */
    private static List<String> leaves(Map<String, Object> tree, String prefix) {
        List<String> leaves = new ArrayList<>();
        for (String key : tree.keySet()) {
            if (Charts.isGroup(key, tree.get(key))) {
                leaves.addAll(leaves(Project.map(tree, key), prefix + key + "."));
            } else {
                leaves.add(prefix + key);
            }
        }
        return leaves;
    }

    private static boolean renders(Scenario scenario, String expected) {
        try {
            return stable(scenario.render()).equals(expected);
        } catch (IllegalStateException e) {
            return false; // the schema requires the value
        }
    }

    private Scenario without(String path, Scenario scenario) throws IOException {
        Map<String, Object> values = Project.yaml(scenario.values());
        Map<String, Object> parent = values;
        List<String> keys = List.of(path.split("\\."));
        for (String key : keys.subList(0, keys.size() - 1)) {
            parent = Project.map(parent, key);
        }
        parent.remove(keys.get(keys.size() - 1));
        Path file = folder.resolve("values.yaml");
        Files.writeString(file, new Yaml().dump(values));
        return new Scenario(scenario.chart(), file);
    }

    /** Without the password, which is random. */
    private static String stable(String rendered) {
        return rendered.replaceAll("admin-password: .+", "");
    }
}
