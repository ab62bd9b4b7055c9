package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.yaml.snakeyaml.Yaml;

/** The charts as charts: Helm takes them, and their values mean what they say. */
class ChartsTest {
    static final List<String> CHARTS = Charts.NAMES;

    /** Values that go to Kubernetes as they are, maps of any keys. */
    private static final Set<String> KUBERNETES_OWN =
            Set.of(
                    "annotations",
                    "labels",
                    "nodeSelector",
                    "podAnnotations",
                    "podLabels",
                    "podSecurityContext",
                    "resources",
                    "securityContext");

    @TempDir Path folder;

    @ParameterizedTest
    @FieldSource("CHARTS")
    void passHelmsOwnStrictLint(String chart) {
        LintResult lint = new Helm(Charts.folder(chart)).lint().strict().call();

        assertThat(lint.isFailed()).as(String.join("\n", lint.getMessages())).isFalse();
    }

    @ParameterizedTest
    @FieldSource("CHARTS")
    void haveTheProjectsVersion(String chart) throws IOException {
        Map<String, Object> metadata = Project.yaml(Charts.folder(chart).resolve("Chart.yaml"));

        assertThat(Project.text(Path.of("pom.xml")))
                .contains(
                        "<artifactId>backend-monitoring</artifactId>\n  <version>%s<"
                                .formatted(metadata.get("appVersion")));
        assertThat(metadata.get("version")).isEqualTo(metadata.get("appVersion"));
    }

    @ParameterizedTest
    @CsvSource({
        "backend, replicaCount, two, /replicaCount",
        "backend, heavy.errorRate, 1.5, /heavy/errorRate",
        "backend, heavy.errorRate, 2, /heavy/errorRate",
        "backend, heavy.latenciesMs[0], fast, /heavy/latenciesMs/0",
        "backend, heavy.errorCauses[0], '', /heavy/errorCauses/0",
        "backend, heavy.seed, one, /heavy/seed",
        "backend, fullnameOverride, my.shop, /fullnameOverride",
        "backend, fullnameOverride, 1shop, /fullnameOverride",
        "backend, podLabels.app, other, /podLabels",
        "backend, podLabels.promtail, other, /podLabels",
        "backend, podLabels.app\\.kubernetes\\.io/name, other, /podLabels",
        "backend, podLabels.app\\.kubernetes\\.io/instance, other, /podLabels",
        "backend, podAnnotations.prometheus\\.io/port, other, /podAnnotations",
        "backend, podAnnotations.checksum/config, other, /podAnnotations",
        "backend, heavy, null, 'missing property ''heavy'''",
        "backend, service.port, null, /service",
        "backend, heavy.latency, 1, /heavy",
        "backend, shutdown.drainMs, -1, /shutdown/drainMs",
        "backend, lokiHost, loki:3100, /lokiHost",
        "backend, logFormat, xml, /logFormat",
        "backend, service.port, 70000, /service/port",
        "backend, serviceMonitor.interval, often, /serviceMonitor/interval",
        "backend, replicas, 2, 'additional properties ''replicas'''",
        "monitoring, agent, fluentd, /agent",
        "monitoring, prometheus.persistence.enabled, sometimes, /prometheus/persistence/enabled",
        "monitoring, prometheus.retention, long, /prometheus/retention",
        "monitoring, prometheus.remoteWrite[0].uri, http://x, /prometheus/remoteWrite/0",
        "monitoring, loki.objectstorage, on, /loki",
        "monitoring, grafana.admin.password, secret, /grafana/admin",
        "monitoring, promtail.persistence.hostPath, relative, /promtail/persistence/hostPath",
        "monitoring, tempo.enabled, true, 'additional properties ''tempo'''",
        "monitoring, fullnameOverride, My, /fullnameOverride",
        "monitoring, loki, null, 'missing property ''loki'''",
        "monitoring, loki.image.tag, null, /loki/image",
        // What others need an address of can only be off when there is one outside.
        "monitoring, loki.enabled, false, /loki/url",
        "monitoring, prometheus.enabled, false, /prometheus/url",
    })
    void rejectAWrongValueWithItsPath(String chart, String key, String value, String path) {
        TemplateCommand template = Charts.template(chart).set(key, value);

        assertThatThrownBy(template::call).hasMessageContaining(path);
    }

    @Test
    void rejectWhatDoesNotGoTogetherWithItsPaths() {
        TemplateCommand noHost =
                Charts.template("backend").set("ingress.enabled", "true").set("ingress.host", "");
        TemplateCommand fewerThanTheLeast =
                Charts.template("backend")
                        .set("autoscaling.enabled", "true")
                        .set("autoscaling.minReplicas", "6");

        assertThatThrownBy(noHost::call).hasMessageContaining("/ingress/host");
        assertThatThrownBy(fewerThanTheLeast::call)
                .hasMessageContaining(
                        "autoscaling.minReplicas: invalid value 6:"
                                + " expected at most autoscaling.maxReplicas (5)");
    }

    /** However a user writes it. */
    @ParameterizedTest
    @CsvSource({
        "heavy.errorRate, 1.0, HEAVY_ERROR_RATE",
        "heavy.errorRate, 0.0, HEAVY_ERROR_RATE",
        "heavy.errorRate, .5, HEAVY_ERROR_RATE",
        "heavy.seed, 42, HEAVY_SEED",
        "heavy.seed, -9007199254740991, HEAVY_SEED",
        "heavy.seed, '', HEAVY_SEED",
    })
    void takeANumberAsItIs(String key, String value, String variable) {
        assertThat(
                        Charts.configMap(
                                KubernetesObjects.parse(
                                        Charts.template("backend").set(key, value).call()),
                                "rel-backend"))
                .containsEntry(variable, value);
    }

    @ParameterizedTest
    @FieldSource("CHARTS")
    void haveASchemaOfExactlyTheirValues(String chart) throws IOException {
        Map<String, Object> schema =
                Project.yaml(Charts.folder(chart).resolve("values.schema.json"));
        Set<String> inSchema = new TreeSet<>();
        properties(schema, schema, "", inSchema);
        // Helm's own, and Kubernetes' that a user may add.
        inSchema.remove("global");
        inSchema.removeIf(path -> path.endsWith("resources.limits"));
        inSchema.removeIf(path -> path.endsWith("resources.requests"));
        inSchema.removeIf(path -> path.endsWith("remoteWrite.url"));

        Set<String> paths = new TreeSet<>();
        keys(values(chart), "", paths);
        assertThat(paths).containsAll(inSchema);
        // The other way round is the schema's own work: it allows no other key, and no key less.
        assertThat(closed(schema, "")).hasSizeGreaterThan(10);
    }

    /**
     * The objects with properties, each of which allows no others and lets none be taken away by
     * null. What remoteWrite holds is Prometheus' own.
     */
    private static List<String> closed(Object schema, String path) {
        List<String> objects = new ArrayList<>();
        if (schema instanceof Map<?, ?> map) {
            // In a condition of the schema, allOf or if, it is no description of an object.
            if (map.get("properties") instanceof Map<?, ?> properties
                    && !path.matches(".*/(allOf|if|then)(/.*)?|.*/remoteWrite/.*")) {
                assertThat(map.get("additionalProperties")).as(path).isEqualTo(false);
                Set<Object> optional = new HashSet<>(properties.keySet());
                if (map.get("required") instanceof List<?> required) {
                    optional.removeAll(required);
                }
                assertThat(optional).as(path).isSubsetOf("global", "requests", "limits");
                objects.add(path);
            }
            map.forEach((key, value) -> objects.addAll(closed(value, path + "/" + key)));
        } else if (schema instanceof List<?> list) {
            list.forEach(value -> objects.addAll(closed(value, path + "/")));
        }
        return objects;
    }

    /** Each value is set in one scenario or another, and without it something else is rendered. */
    @ParameterizedTest
    @FieldSource("CHARTS")
    void useEachValue(String chart) throws IOException {
        Set<String> unused = new TreeSet<>(leaves(values(chart), ""));
        for (Charts.Scenario scenario : Charts.scenarios(chart).toList()) {
            String rendered = stable(scenario.render());
            for (String path : leaves(Project.yaml(scenario.values()), "")) {
                if (!renders(without(path, scenario), rendered)) {
                    unused.remove(path);
                }
            }
        }
        assertThat(unused).isEmpty();
    }

    private static boolean renders(Charts.Scenario scenario, String expected) {
        try {
            return stable(scenario.render()).equals(expected);
        } catch (IllegalStateException e) {
            return false; // the schema misses the value
        }
    }

    private Charts.Scenario without(String path, Charts.Scenario scenario) throws IOException {
        Map<String, Object> values = Project.yaml(scenario.values());
        Map<String, Object> parent = values;
        List<String> keys = List.of(path.split("\\."));
        for (String key : keys.subList(0, keys.size() - 1)) {
            parent = Project.map(parent, key);
        }
        parent.remove(keys.get(keys.size() - 1));
        Path file = folder.resolve("values.yaml");
        Files.writeString(file, new Yaml().dump(values));
        return new Charts.Scenario(scenario.chart(), file);
    }

    /** Without the password, which is another one each time. */
    private static String stable(String rendered) {
        return rendered.replaceAll("admin-password: .+", "");
    }

    private static Map<String, Object> values(String chart) throws IOException {
        return Project.yaml(Charts.folder(chart).resolve("values.yaml"));
    }

    /** The paths of the values. One that Kubernetes defines is a value as a whole. */
    private static List<String> leaves(Map<String, Object> tree, String prefix) {
        List<String> leaves = new ArrayList<>();
        for (String key : tree.keySet()) {
            if (KUBERNETES_OWN.contains(key) || !(tree.get(key) instanceof Map<?, ?>)) {
                leaves.add(prefix + key);
            } else {
                leaves.addAll(leaves(Project.map(tree, key), prefix + key + "."));
            }
        }
        return leaves;
    }

    private static void keys(Map<?, ?> tree, String prefix, Set<String> into) {
        tree.forEach(
                (key, value) -> {
                    into.add(prefix + key);
                    if (value instanceof Map<?, ?> map) {
                        keys(map, prefix + key + ".", into);
                    }
                });
    }

    private static void properties(
            Map<String, Object> root, Map<String, Object> schema, String prefix, Set<String> into) {
        Map<String, Object> resolved = schema;
        if (schema.get("$ref") instanceof String reference) {
            resolved =
                    Project.map(
                            Project.map(root, "definitions"),
                            reference.substring("#/definitions/".length()));
        }
        Map<String, Object> properties = Project.map(resolved, "properties");
        if (properties != null) {
            for (String name : properties.keySet()) {
                into.add(prefix + name);
                properties(root, Project.map(properties, name), prefix + name + ".", into);
            }
        }
    }
}
