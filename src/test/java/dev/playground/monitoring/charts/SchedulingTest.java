package dev.playground.monitoring.charts;

import static dev.playground.monitoring.charts.Manifest.map;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.playground.monitoring.charts.Charts.Scenario;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the pods run, and what a user can add to them. */
class SchedulingTest {
    private static final String OS = "kubernetes.io/os";

    @EachScenario
    void eachPodRunsOnLinuxNodes(Scenario scenario) {
        assertThat(Manifest.workloads(scenario.objects()))
                .allSatisfy(
                        workload ->
                                assertThat(map(workload.pod().at("/spec/nodeSelector")))
                                        .containsEntry(OS, "linux"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"promtail", "alloy"})
    void agentRunsOnTaintedButNotOnVirtualNodes(String agent) {
        JsonNode pod =
                Manifest.one(
                                Charts.objects("monitoring", "agent", agent),
                                "DaemonSet",
                                "rel-" + agent)
                        .pod();

        assertThat(pod.at("/spec/tolerations")).hasToString("[{\"operator\":\"Exists\"}]");
        assertThat(
                        pod.at(
                                "/spec/affinity/nodeAffinity"
                                        + "/requiredDuringSchedulingIgnoredDuringExecution"
                                        + "/nodeSelectorTerms/0/matchExpressions"))
                .hasSize(3)
                .allMatch(label -> label.path("operator").asText().equals("NotIn"));
    }

    /** Labels, annotations and the priority class, in the pods of helm test as well. */
    @ParameterizedTest
    @CsvSource({
        "backend, everything-on, shop",
        "monitoring, everything-on, ops",
        "monitoring, alloy, ops"
    })
    void addsValuesToEachPod(String chart, String scenario, String team) {
        List<Manifest> workloads =
                Manifest.workloads(Scenario.of(chart, scenario).objects()).stream()
                        .filter(o -> !scenario.equals("alloy") || o.kind().equals("DaemonSet"))
                        .toList();

        assertThat(workloads)
                .isNotEmpty()
                .allSatisfy(
                        workload -> {
                            JsonNode pod = workload.pod();
                            for (String metadata : List.of("labels", "annotations")) {
                                assertThat(map(pod.at("/metadata/" + metadata)))
                                        .containsEntry("example.com/team", team);
                            }
                            assertThat(pod.at("/spec/priorityClassName").asText())
                                    .isEqualTo("high");
                            assertThat(map(pod.at("/spec/nodeSelector")))
                                    .isEqualTo(Map.of(OS, "linux", "disk", "ssd"));
                            assertThat(pod.at("/spec/tolerations").findValuesAsText("key"))
                                    .containsExactly(team);
                            // An anti-affinity of the workload would prevent scheduling of the test
                            // pod.
                            assertThat(pod.at("/spec").has("affinity"))
                                    .isNotEqualTo(workload.isPod());
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"backend", "monitoring"})
    void testPodHasLimitsForQuota(String chart) {
        assertThat(Manifest.all(Scenario.of(chart, "everything-on").objects(), "Pod"))
                .singleElement()
                .extracting(pod -> pod.text("/spec/containers/0/resources/limits/cpu"))
                .isEqualTo("100m");
    }

    @Test
    void addsValuesToServicePods() {
        List<Manifest> objects = Scenario.of("backend", "everything-on").objects();
        Manifest deployment = Manifest.one(objects, "Deployment", "shop");

        assertThat(deployment.text("/spec/revisionHistoryLimit")).isEqualTo("3");
        assertThat(deployment.json().toString())
                .contains("{\"name\":\"JAVA_TOOL_OPTIONS\",\"value\":\"-Duser.timezone=UTC\"}")
                .contains("{\"secretRef\":{\"name\":\"shop-settings\"}}")
                .contains("\"secretName\":\"shop-certificates\"")
                .contains("\"mountPath\":\"/certificates\"");
        assertThat(Manifest.one(objects, "ServiceAccount", "shop").map("/metadata/annotations"))
                .containsEntry("example.com/role", "shop");
    }

    /** With OrderedReady, Kubernetes does not replace a pod that cannot start. */
    @Test
    void eachStatefulSetManagesItsPodsInParallel() {
        assertThat(Manifest.all(Scenario.of("monitoring", "default").objects(), "StatefulSet"))
                .hasSize(3)
                .extracting(set -> set.text("/spec/podManagementPolicy"))
                .containsOnly("Parallel");
    }
}
