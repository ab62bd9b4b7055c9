package dev.playground.monitoring.charts;

import static dev.playground.monitoring.charts.Manifest.all;
import static dev.playground.monitoring.charts.Manifest.controllers;
import static dev.playground.monitoring.charts.Manifest.one;
import static dev.playground.monitoring.charts.Manifest.text;
import static dev.playground.monitoring.charts.Manifest.workloads;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.playground.monitoring.charts.Charts.Scenario;
import dev.playground.monitoring.testkit.Project;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What an object refers to by its name or its labels is among the objects of the chart. */
class ReferencesTest {
    @EachScenario
    void controllersSelectOnlyTheirPods(Scenario scenario) {
        List<Manifest> workloads = workloads(scenario.objects());

        assertThat(workloads).anyMatch(Manifest::isPod);
        for (Manifest controller : controllers(workloads)) {
            Map<String, String> selector = controller.selector();
            // No label that an upgrade changes: a selector is immutable.
            assertThat(selector).containsOnlyKeys(NamesTest.NAME, NamesTest.INSTANCE);
            assertThat(workloads).filteredOn(o -> o.matches(selector)).containsExactly(controller);
        }
    }

    @EachScenario
    void servicesTargetNamedPortOfOneWorkload(Scenario scenario) {
        for (Manifest service : all(scenario.objects(), "Service")) {
            List<String> targets = service.json().findValuesAsText("targetPort");

            assertThat(workloads(scenario.objects()))
                    .filteredOn(workload -> workload.matches(service.selector()))
                    .as(service.name())
                    .singleElement()
                    .matches(workload -> portNames(workload).containsAll(targets));
        }
    }

    @EachScenario
    void longRunningContainersHaveProbesOfANamedPort(Scenario scenario) {
        for (Manifest controller : controllers(scenario.objects())) {
            assertThat(controller.containers())
                    .isNotEmpty()
                    .allMatch(c -> c.has("livenessProbe") && c.has("readinessProbe"));
            for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
                assertThat(controller.pod().findValues(probe))
                        .filteredOn(found -> !found.has("exec"))
                        .extracting(found -> found.findPath("port").asText())
                        .allMatch(portNames(controller)::contains);
            }
        }
    }

    private static List<String> portNames(Manifest workload) {
        return workload.containers().flatMap(c -> names(c.path("ports")).stream()).toList();
    }

    private static List<String> names(JsonNode nodes) {
        return new ArrayList<>(nodes.valueStream().map(node -> text(node, "/name")).toList());
    }

    @EachScenario
    void eachMountHasAVolumeAndEachVolumeAMount(Scenario scenario) {
        for (Manifest workload : workloads(scenario.objects())) {
            List<String> volumes = names(workload.pod().at("/spec/volumes"));
            for (JsonNode claim : workload.at("/spec/volumeClaimTemplates")) {
                volumes.add(text(claim, "/metadata/name"));
                // A label that an upgrade changes would block it: the template is immutable.
                assertThat(Manifest.map(claim.at("/metadata/labels")))
                        .containsOnlyKeys(NamesTest.NAME, NamesTest.INSTANCE);
            }

            assertThat(volumes).doesNotHaveDuplicates();
            assertThat(workload.containers())
                    .allSatisfy(
                            container ->
                                    assertThat(names(container.path("volumeMounts")))
                                            .hasSameElementsAs(volumes));
        }
    }

    /** Each lookup fails the test for what is missing. */
    @EachScenario
    void rendersEachObjectThatPodReferences(Scenario scenario) {
        List<Manifest> objects = scenario.objects();

        for (Manifest workload : workloads(objects)) {
            JsonNode spec = workload.pod().path("spec");
            if (spec.has("serviceAccountName")) {
                one(objects, "ServiceAccount", text(spec, "/serviceAccountName"));
            }
            if (workload.kind().equals("StatefulSet")) {
                one(objects, "Service", workload.text("/spec/serviceName"));
            }
            spec.findValuesAsText("claimName")
                    .forEach(name -> one(objects, "PersistentVolumeClaim", name));
            spec.findValues("configMapRef")
                    .forEach(map -> one(objects, "ConfigMap", text(map, "/name")));
            PodFiles.of(objects, workload);
        }
    }

    /** Either the chart renders the Secret with the key, or the values name it. */
    @EachScenario
    void secretsAreRenderedOrNamedByTheValues(Scenario scenario) {
        String values = Project.text(scenario.values());

        for (Manifest workload : workloads(scenario.objects())) {
            JsonNode spec = workload.pod().path("spec");
            List<String> secrets = names(spec.path("imagePullSecrets"));
            // Of a projected volume, or of a volume.
            spec.findValues("secret")
                    .forEach(s -> secrets.add(s.path("name").asText(text(s, "/secretName"))));
            assertThat(secrets).allMatch(values::contains);
            for (JsonNode key : spec.findValues("secretKeyRef")) {
                String name = text(key, "/name");
                if (!values.contains(name)) {
                    assertThat(one(scenario.objects(), "Secret", name).map("/data"))
                            .containsKey(text(key, "/key"));
                }
            }
        }
    }
}
