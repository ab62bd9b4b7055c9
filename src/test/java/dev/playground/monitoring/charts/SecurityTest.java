package dev.playground.monitoring.charts;

import static dev.playground.monitoring.charts.Manifest.all;
import static dev.playground.monitoring.charts.Manifest.map;
import static dev.playground.monitoring.charts.Manifest.one;
import static dev.playground.monitoring.charts.Manifest.text;
import static dev.playground.monitoring.charts.Manifest.workloads;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.playground.monitoring.charts.Charts.Scenario;
import dev.playground.monitoring.testkit.Project;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What pods and containers may do, which images they run, and who reads the Kubernetes API. */
class SecurityTest {
    private static final String READ_PODS =
            "[{\"apiGroups\":[\"\"],\"resources\":[\"pods\"],\"verbs\":[\"get\",\"list\",\"watch\"]}]";

    @EachScenario
    void podsRunUnprivileged(Scenario scenario) {
        for (Manifest workload : workloads(scenario.objects())) {
            JsonNode spec = workload.pod().path("spec");
            JsonNode context = spec.path("securityContext");

            assertThat(text(context, "/seccompProfile/type")).isEqualTo("RuntimeDefault");
            // Only root may read the logs of the nodes.
            assertThat(isAgent(workload) ? context.path("runAsUser") : context.path("runAsNonRoot"))
                    .hasToString(isAgent(workload) ? "0" : "true");
            assertThat(map(spec))
                    .doesNotContainKeys("hostNetwork", "hostPID", "hostIPC", "initContainers");
        }
    }

    @EachScenario
    void containersAreRestrictedPinnedAndBounded(Scenario scenario) {
        for (Manifest workload : workloads(scenario.objects())) {
            assertThat(workload.containers()).isNotEmpty();
            for (JsonNode container : workload.pod().at("/spec/containers")) {
                JsonNode context = container.path("securityContext");

                assertThat(context.path("allowPrivilegeEscalation")).hasToString("false");
                assertThat(context.path("readOnlyRootFilesystem")).hasToString("true");
                assertThat(context.path("capabilities")).hasToString("{\"drop\":[\"ALL\"]}");
                assertThat(context.path("privileged").asBoolean(false)).isFalse();
                assertThat(context.path("runAsNonRoot").asBoolean(true)).isTrue();
                assertThat(map(container.at("/resources/requests"))).containsKeys("cpu", "memory");
                assertThat(map(container.at("/resources/limits"))).containsKey("memory");
                assertThat(text(container, "/image")).matches("[\\w./-]+:v?\\d+\\.\\d+\\.\\d+");
            }
        }
    }

    @EachScenario
    void onlyAgentMountsHostAndWritesOnlyPositions(Scenario scenario) {
        for (Manifest workload : workloads(scenario.objects())) {
            for (JsonNode volume : workload.pod().findParents("hostPath")) {
                String name = text(volume, "/name");

                assertThat(isAgent(workload)).as(name).isTrue();
                assertThat(workload.pod().at("/spec/containers/0/volumeMounts"))
                        .filteredOn(mount -> text(mount, "/name").equals(name))
                        .extracting(mount -> mount.path("readOnly").asBoolean(false))
                        .containsExactly(!name.equals("positions"));
            }
        }
    }

    private static boolean isAgent(Manifest workload) {
        return workload.kind().equals("DaemonSet");
    }

    @EachScenario
    void rolesReadPodsAndAreClusterWideOnRequest(Scenario scenario) {
        boolean allNamespaces = Project.yaml(scenario.values()).containsKey("discovery");

        assertThat(endingWith("Role", scenario))
                .allSatisfy(role -> assertThat(role.at("/rules")).hasToString(READ_PODS))
                .allMatch(role -> role.kind().equals(allNamespaces ? "ClusterRole" : "Role"));
    }

    @EachScenario
    void bindingsReferenceRoleAndAccountsOfNamespace(Scenario scenario) {
        for (Manifest binding : endingWith("RoleBinding", scenario)) {
            String role = binding.text("/roleRef/name");

            assertThat(one(scenario.objects(), binding.text("/roleRef/kind"), role)).isNotNull();
            assertThat(binding.at("/subjects"))
                    .extracting(subject -> text(subject, "/namespace"))
                    .containsOnly(Charts.NAMESPACE);
        }
    }

    @EachScenario
    void onlyBoundAccountsHaveAToken(Scenario scenario) {
        Set<String> bound =
                endingWith("RoleBinding", scenario).stream()
                        .flatMap(binding -> binding.at("/subjects").valueStream())
                        .map(subject -> text(subject, "/name"))
                        .collect(Collectors.toSet());

        assertThat(all(scenario.objects(), "ServiceAccount"))
                .filteredOn(account -> hasToken(account.json()))
                .extracting(Manifest::name)
                .containsExactlyInAnyOrderElementsOf(bound);
        assertThat(workloads(scenario.objects()))
                .extracting(workload -> workload.pod().path("spec"))
                .allMatch(s -> hasToken(s) == bound.contains(text(s, "/serviceAccountName")));
    }

    /** By default Kubernetes mounts one. */
    private static boolean hasToken(JsonNode spec) {
        return spec.path("automountServiceAccountToken").asBoolean(true);
    }

    private static List<Manifest> endingWith(String kind, Scenario scenario) {
        return scenario.objects().stream().filter(o -> o.kind().endsWith(kind)).toList();
    }
}
