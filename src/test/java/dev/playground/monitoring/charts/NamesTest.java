package dev.playground.monitoring.charts;

import static dev.playground.monitoring.charts.Manifest.map;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.playground.monitoring.charts.Charts.Scenario;
import dev.playground.monitoring.testkit.Project;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and labels of the objects, under any name of the release and of the namespace. */
class NamesTest {
    static final String NAME = "app.kubernetes.io/name";
    static final String INSTANCE = "app.kubernetes.io/instance";

    @EachScenario
    void objectsAndPodsHaveTheRecommendedLabels(Scenario scenario) {
        Map<String, String> labels =
                Map.of(
                        INSTANCE,
                        Charts.RELEASE,
                        "helm.sh/chart",
                        scenario.chart() + "-1.0.0",
                        "app.kubernetes.io/part-of",
                        "backend-monitoring",
                        "app.kubernetes.io/managed-by",
                        "Helm");
        List<Manifest> objects = scenario.objects();
        Stream<Map<String, String>> pods =
                Manifest.workloads(objects).stream().map(w -> map(w.pod().at("/metadata/labels")));

        assertThat(objects).isNotEmpty();
        assertThat(Stream.concat(objects.stream().map(o -> o.map("/metadata/labels")), pods))
                .allSatisfy(
                        found ->
                                assertThat(found)
                                        .containsKeys(
                                                NAME,
                                                "app.kubernetes.io/version",
                                                "app.kubernetes.io/component")
                                        .containsAllEntriesOf(labels));
    }

    @EachScenario
    void namesAreUniqueAndBeginWithTheRelease(Scenario scenario) {
        Map<String, Object> values = Project.yaml(scenario.values());
        String prefix = values.getOrDefault("fullnameOverride", Charts.RELEASE).toString();

        assertThat(scenario.objects())
                .allSatisfy(
                        object ->
                                assertThat(object.name())
                                        .startsWith(
                                                isClusterWide(object)
                                                        ? Charts.NAMESPACE + "." + prefix
                                                        : prefix))
                .extracting(Manifest::toString)
                .doesNotHaveDuplicates();
    }

    /** Namespace and release of both, joined by a hyphen, are the same. */
    @ParameterizedTest
    @ValueSource(strings = {"promtail", "alloy"})
    void twoReleasesShareNothingOfClusterAndNodes(String agent) {
        Set<String> one = shared(agent, "team", "a-monitoring");
        Set<String> other = shared(agent, "team-a", "monitoring");

        assertThat(one).hasSameSizeAs(other).hasSizeGreaterThan(2);
        assertThat(one).doesNotContainAnyElementsOf(other);
    }

    private static Set<String> shared(String agent, String namespace, String release) {
        Set<String> shared = new HashSet<>();
        for (Manifest object :
                Manifest.parse(
                        Charts.template("monitoring")
                                .withNamespace(namespace)
                                .withName(release)
                                .set("discovery.allNamespaces", "true")
                                .set("agent", agent)
                                .call())) {
            if (isClusterWide(object)) {
                shared.add(object.toString());
            }
            // The directories of the nodes that it writes to.
            for (String path : object.json().findValuesAsText("subPathExpr")) {
                shared.add(path.replace("$(POD_NAMESPACE)", namespace));
            }
        }
        return shared;
    }

    private static boolean isClusterWide(Manifest object) {
        return object.kind().startsWith("Cluster");
    }

    /** YAML reads each of these names as another type, unless it is quoted. */
    @EachScenario
    void namesThatYamlReadsAsOtherTypesAreQuoted(Scenario scenario) {
        for (String release : List.of("on", "null", "y")) {
            assertThat(objects(scenario, "2024", release, "")).isNotEmpty();
        }
        assertThat(objects(scenario, "1e5", "1e5", "on"))
                .hasSize(scenario.objects().size())
                .extracting(object -> object.map("/metadata/labels").get(INSTANCE))
                .containsOnly("1e5");
    }

    private static List<Manifest> objects(
            Scenario scenario, String namespace, String release, String fullname) {
        return Manifest.parse(
                Charts.template(scenario.chart())
                        .withNamespace(namespace)
                        .withName(release)
                        .withValuesFile(scenario.values())
                        .set("fullnameOverride", fullname)
                        .call());
    }

    @ParameterizedTest
    @CsvSource({"backend, 1e5", "backend, my.shop", "monitoring, 1e5", "monitoring, my.shop"})
    void rejectsAReleaseNameThatNoServiceCanHave(String chart, String release) {
        assertThatThrownBy(() -> Charts.template(chart).withName(release).call())
                .hasMessageContaining("invalid Service name \"" + release + "-")
                .hasMessageContaining("choose another release name or set fullnameOverride");
    }

    /** Helm allows 53 characters; Kubernetes 52 for a StatefulSet, 253 for a pod, else 63. */
    @ParameterizedTest
    @ValueSource(strings = {"backend", "monitoring"})
    void longestReleaseNameFitsKubernetesLimits(String chart) {
        Map<String, Integer> limits = Map.of("StatefulSet", 52, "Pod", 253);

        assertThat(Manifest.parse(Charts.template(chart).withName("a".repeat(53)).call()))
                .allMatch(o -> o.name().length() <= limits.getOrDefault(o.kind(), 63))
                .extracting(Manifest::toString)
                .doesNotHaveDuplicates();
    }

    @Test
    void serviceHasTheNameOfTheChartInItsRelease() {
        List<Manifest> objects =
                Manifest.parse(Charts.template("backend").withName("backend").call());

        assertThat(Manifest.one(objects, "Service", "backend").text("/spec/ports/0/port"))
                .isEqualTo("3000");
    }
}
