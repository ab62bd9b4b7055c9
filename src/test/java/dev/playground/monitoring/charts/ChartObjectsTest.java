package dev.playground.monitoring.charts;

import static dev.playground.monitoring.charts.KubernetesObjects.all;
import static dev.playground.monitoring.charts.KubernetesObjects.containers;
import static dev.playground.monitoring.charts.KubernetesObjects.one;
import static dev.playground.monitoring.charts.KubernetesObjects.pod;
import static dev.playground.monitoring.charts.KubernetesObjects.workloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import dev.playground.monitoring.charts.Charts.Scenario;
import dev.playground.monitoring.testkit.Project;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleRef;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the charts render, in each scenario: objects that fit Kubernetes and one another. */
class ChartObjectsTest {
    private static final String NAME = "app.kubernetes.io/name";
    private static final String INSTANCE = "app.kubernetes.io/instance";

    static Stream<Scenario> scenarios() {
        return Charts.scenarios();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void carryTheRecommendedLabels(Scenario scenario) {
        List<HasMetadata> objects = scenario.objects();

        assertThat(objects).isNotEmpty();
        Stream<Map<String, String>> labels =
                Stream.concat(
                        objects.stream().map(object -> object.getMetadata().getLabels()),
                        workloads(objects)
                                .map(o -> pod(o).orElseThrow().getMetadata().getLabels()));
        assertThat(labels)
                .allSatisfy(
                        found ->
                                assertThat(found)
                                        .containsKey(NAME)
                                        .containsEntry(INSTANCE, Charts.RELEASE)
                                        .containsEntry("helm.sh/chart", scenario.chart() + "-1.0.0")
                                        .containsEntry("app.kubernetes.io/version", "1.0.0")
                                        .containsEntry(
                                                "app.kubernetes.io/part-of", "backend-monitoring")
                                        .containsEntry("app.kubernetes.io/managed-by", "Helm"));
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void areNamedAfterTheirReleaseAndEachOnce(Scenario scenario) throws IOException {
        Object override = Project.yaml(scenario.values()).get("fullnameOverride");
        String prefix = override == null ? Charts.RELEASE : override.toString();

        assertThat(scenario.objects())
                .allMatch(
                        o ->
                                o.getMetadata()
                                        .getName()
                                        .startsWith(
                                                isOfTheCluster(o)
                                                        ? Charts.NAMESPACE + "." + prefix
                                                        : prefix))
                .doesNotHaveDuplicates()
                .extracting(object -> object.getKind() + " " + object.getMetadata().getName())
                .doesNotHaveDuplicates();
    }

    private static boolean isOfTheCluster(HasMetadata object) {
        return object instanceof ClusterRole || object instanceof ClusterRoleBinding;
    }

    /** Whose namespace and name, one after the other, read the same. */
    @ParameterizedTest
    @ValueSource(strings = {"promtail", "alloy"})
    void twoInstallationsShareNothingOfTheClusterNorOfItsNodes(String agent) {
        Set<String> one = shared(agent, "team", "a-monitoring");
        Set<String> other = shared(agent, "team-a", "monitoring");

        assertThat(one)
                .hasSameSizeAs(other)
                .hasSizeGreaterThan(2)
                .doesNotContainAnyElementsOf(other);
    }

    private static Set<String> shared(String agent, String namespace, String release) {
        List<HasMetadata> objects =
                KubernetesObjects.parse(
                        Charts.template("monitoring")
                                .withNamespace(namespace)
                                .withName(release)
                                .set("discovery.allNamespaces", "true")
                                .set("agent", agent)
                                .call());
        Set<String> shared = new HashSet<>();
        objects.stream()
                .filter(ChartObjectsTest::isOfTheCluster)
                .forEach(o -> shared.add(o.getKind() + " " + o.getMetadata().getName()));
        workloads(objects)
                .flatMap(workload -> pod(workload).orElseThrow().getSpec().getVolumes().stream())
                .filter(volume -> volume.getHostPath() != null)
                .map(volume -> volume.getHostPath().getPath())
                // The nodes' own, which both read.
                .filter(path -> !path.startsWith("/var/log"))
                .forEach(shared::add);
        return shared;
    }

    /** YAML would read each of these names as something else than a text. */
    @ParameterizedTest
    @MethodSource("scenarios")
    void bearAnyNamespaceAndAnyRelease(Scenario scenario) {
        for (String name : List.of("on", "null", "y")) {
            assertThat(objects(scenario, "2024", name, "")).isNotEmpty();
        }
        assertThat(objects(scenario, "1e5", "1e5", "on"))
                .hasSize(scenario.objects().size())
                .allSatisfy(
                        object ->
                                assertThat(object.getMetadata().getLabels())
                                        .containsEntry(INSTANCE, "1e5"));
    }

    private static List<HasMetadata> objects(
            Scenario scenario, String namespace, String release, String fullname) {
        return KubernetesObjects.parse(
                Charts.template(scenario.chart())
                        .withNamespace(namespace)
                        .withName(release)
                        .withValuesFile(scenario.values())
                        .set("fullnameOverride", fullname)
                        .call());
    }

    @ParameterizedTest
    @CsvSource({"backend, 1e5", "backend, my.shop", "monitoring, 1e5", "monitoring, my.shop"})
    void refuseANameThatNoServiceCanHave(String chart, String release) {
        assertThatThrownBy(() -> Charts.template(chart).withName(release).call())
                .hasMessageContaining("invalid Service name \"" + release + "-")
                .hasMessageContaining("choose another release name or set fullnameOverride");
    }

    @Test
    void aNamespaceThatIsANumberIsANameToPrometheus() {
        List<HasMetadata> objects =
                KubernetesObjects.parse(Charts.template("monitoring").withNamespace("2024").call());

        assertThat(Charts.configMap(objects, "rel-prometheus").get("kubernetes.yml"))
                .contains("names: [\"2024\"]");
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void haveOnePodToTestThem(Scenario scenario) throws IOException {
        assertThat(all(scenario.objects(), Pod.class)).hasSize(1);
        // These tests see it as an object like any other; Helm runs it when it is asked to.
        try (Stream<Path> files =
                Files.list(Charts.folder(scenario.chart()).resolve("templates/tests"))) {
            assertThat(files)
                    .allSatisfy(
                            file ->
                                    assertThat(file)
                                            .content()
                                            .containsOnlyOnce("\n    helm.sh/hook: test\n"));
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void findTheirOwnPodsAndNoOthers(Scenario scenario) {
        List<HasMetadata> workloads = workloads(scenario.objects()).toList();

        assertThat(workloads).hasAtLeastOneElementOfType(Pod.class);
        for (HasMetadata workload : workloads.stream().filter(o -> !(o instanceof Pod)).toList()) {
            Map<String, String> selector = selector(workload);
            // No label that an upgrade changes: a selector cannot change with it.
            assertThat(selector).containsOnlyKeys(NAME, INSTANCE);
            assertThat(workloads).filteredOn(o -> matches(selector, o)).containsExactly(workload);
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void haveServicesThatLeadToAPort(Scenario scenario) {
        List<HasMetadata> objects = scenario.objects();

        for (Service service : all(objects, Service.class).toList()) {
            List<HasMetadata> found =
                    workloads(objects)
                            .filter(o -> matches(service.getSpec().getSelector(), o))
                            .toList();
            assertThat(found).as(service.getMetadata().getName()).hasSize(1);
            assertThat(portNames(found.get(0)))
                    .containsAll(
                            service.getSpec().getPorts().stream()
                                    .map(port -> port.getTargetPort().getStrVal())
                                    .toList());
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void referToWhatIsThere(Scenario scenario) throws IOException {
        List<HasMetadata> objects = scenario.objects();
        String values = Project.text(scenario.values());

        for (HasMetadata workload : workloads(objects).toList()) {
            PodSpec pod = pod(workload).orElseThrow().getSpec();
            Set<String> claimed = new HashSet<>();
            if (pod.getServiceAccountName() != null) {
                one(objects, ServiceAccount.class, pod.getServiceAccountName());
            }
            if (workload instanceof StatefulSet statefulSet) {
                one(objects, Service.class, statefulSet.getSpec().getServiceName());
                for (PersistentVolumeClaim c : statefulSet.getSpec().getVolumeClaimTemplates()) {
                    claimed.add(c.getMetadata().getName());
                    // Any other label would make an upgrade change what cannot be changed.
                    assertThat(c.getMetadata().getLabels()).containsOnlyKeys(NAME, INSTANCE);
                }
            }
            for (Volume volume : pod.getVolumes()) {
                if (volume.getPersistentVolumeClaim() != null) {
                    one(
                            objects,
                            PersistentVolumeClaim.class,
                            volume.getPersistentVolumeClaim().getClaimName());
                }
            }
            // Throws for a ConfigMap or a key that is missing.
            PodFiles.of(objects, workload);
            for (Container container : pod.getContainers()) {
                Set<String> volumes = new HashSet<>(claimed);
                pod.getVolumes().forEach(volume -> volumes.add(volume.getName()));
                assertThat(volumes).hasSize(claimed.size() + pod.getVolumes().size());
                assertThat(container.getVolumeMounts().stream().map(VolumeMount::getName))
                        .hasSameElementsAs(volumes);
                container
                        .getEnvFrom()
                        .forEach(
                                from ->
                                        one(
                                                objects,
                                                ConfigMap.class,
                                                from.getConfigMapRef().getName()));
                probes(container)
                        .forEach(
                                probe ->
                                        assertThat(portNames(workload)).contains(probePort(probe)));
            }
            // Either the chart makes it, with that key, or the values name it.
            secretKeys(pod)
                    .forEach(
                            (secret, keys) -> {
                                if (!values.contains(secret)) {
                                    assertThat(one(objects, Secret.class, secret).getData())
                                            .containsKeys(keys.toArray(String[]::new));
                                }
                            });
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void restartPodsWhenTheirConfigurationChanges(Scenario scenario) {
        List<HasMetadata> objects = scenario.objects();

        for (HasMetadata workload : workloads(objects).filter(o -> !(o instanceof Pod)).toList()) {
            assertThat(pod(workload).orElseThrow().getMetadata().getAnnotations())
                    .containsKey("checksum/config");
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void keepToTheSecurityLine(Scenario scenario) {
        List<HasMetadata> objects = scenario.objects();
        for (HasMetadata workload : workloads(objects).toList()) {
            PodSpec pod = pod(workload).orElseThrow().getSpec();
            boolean agent = workload instanceof DaemonSet;

            assertThat(pod.getSecurityContext().getSeccompProfile().getType())
                    .isEqualTo("RuntimeDefault");
            if (agent) {
                // The one exception, see values.yaml: it reads the nodes' logs.
                assertThat(pod.getSecurityContext().getRunAsUser()).isZero();
            } else {
                assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
            }
            assertThat(Stream.of(pod.getHostNetwork(), pod.getHostPID(), pod.getHostIPC()))
                    .containsOnlyNulls();
            assertThat(pod.getInitContainers()).isEmpty();
            assertThat(pod.getContainers())
                    .isNotEmpty()
                    .allSatisfy(
                            container -> {
                                var context = container.getSecurityContext();
                                assertThat(context.getAllowPrivilegeEscalation()).isFalse();
                                assertThat(context.getReadOnlyRootFilesystem()).isTrue();
                                assertThat(context.getCapabilities().getDrop())
                                        .containsExactly("ALL");
                                assertThat(context.getCapabilities().getAdd()).isEmpty();
                                assertThat(context.getPrivileged()).isNotEqualTo(true);
                                assertThat(context.getRunAsNonRoot()).isNotEqualTo(false);
                                assertThat(container.getResources().getRequests())
                                        .containsKeys("cpu", "memory");
                                assertThat(container.getResources().getLimits())
                                        .containsKeys("memory");
                            });
            for (Volume volume : pod.getVolumes()) {
                if (volume.getHostPath() != null) {
                    assertThat(agent).isTrue();
                    VolumeMount mount =
                            pod.getContainers().get(0).getVolumeMounts().stream()
                                    .filter(m -> m.getName().equals(volume.getName()))
                                    .findFirst()
                                    .orElseThrow();
                    // All but its own folder.
                    assertThat(Boolean.TRUE.equals(mount.getReadOnly()))
                            .isNotEqualTo(volume.getName().equals("positions"));
                }
            }
        }
    }

    /** A token only for what is bound to a role, and a role for no more than discovery reads. */
    @ParameterizedTest
    @MethodSource("scenarios")
    void mayReadPodsAndNothingElse(Scenario scenario) throws IOException {
        List<HasMetadata> objects = scenario.objects();
        PolicyRule pods =
                new PolicyRuleBuilder()
                        .withApiGroups("")
                        .withResources("pods")
                        .withVerbs("get", "list", "watch")
                        .build();
        all(objects, Role.class).forEach(r -> assertThat(r.getRules()).containsExactly(pods));
        all(objects, ClusterRole.class)
                .forEach(r -> assertThat(r.getRules()).containsExactly(pods));
        Map<?, ?> discovery = (Map<?, ?>) Project.yaml(scenario.values()).get("discovery");
        if (discovery == null) {
            assertThat(all(objects, ClusterRole.class)).isEmpty();
        }

        List<Subject> subjects = new ArrayList<>();
        List<RoleRef> roles = new ArrayList<>();
        all(objects, RoleBinding.class)
                .forEach(
                        binding -> {
                            subjects.addAll(binding.getSubjects());
                            roles.add(binding.getRoleRef());
                        });
        all(objects, ClusterRoleBinding.class)
                .forEach(
                        binding -> {
                            subjects.addAll(binding.getSubjects());
                            roles.add(binding.getRoleRef());
                        });
        assertThat(subjects).allMatch(s -> s.getNamespace().equals(Charts.NAMESPACE));
        assertThat(roles)
                .allSatisfy(
                        role ->
                                assertThat(objects)
                                        .anyMatch(
                                                o ->
                                                        o.getKind().equals(role.getKind())
                                                                && o.getMetadata()
                                                                        .getName()
                                                                        .equals(role.getName())));
        Set<String> bound = subjects.stream().map(Subject::getName).collect(Collectors.toSet());
        Set<String> withToken =
                all(objects, ServiceAccount.class)
                        .filter(account -> account.getAutomountServiceAccountToken() == null)
                        .map(account -> account.getMetadata().getName())
                        .collect(Collectors.toSet());
        assertThat(withToken).isEqualTo(bound);
        for (HasMetadata workload : workloads(objects).toList()) {
            PodSpec pod = pod(workload).orElseThrow().getSpec();
            assertThat(Boolean.FALSE.equals(pod.getAutomountServiceAccountToken()))
                    .isNotEqualTo(bound.contains(pod.getServiceAccountName()));
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void runPinnedImages(Scenario scenario) {
        assertThat(containers(scenario.objects()).map(Container::getImage))
                .isNotEmpty()
                .allMatch(image -> image.matches("[\\w./-]+:v?\\d+\\.\\d+\\.\\d+"));
    }

    /** Each pod that has something to scrape says so, unless a ServiceMonitor does. */
    @ParameterizedTest
    @MethodSource("scenarios")
    void announceTheirMetrics(Scenario scenario) {
        List<HasMetadata> objects = scenario.objects();
        boolean monitored = all(objects, GenericKubernetesResource.class).findAny().isPresent();
        for (HasMetadata workload : workloads(objects).filter(o -> !(o instanceof Pod)).toList()) {
            Map<String, String> annotations =
                    pod(workload).orElseThrow().getMetadata().getAnnotations();
            if (monitored) {
                assertThat(annotations).doesNotContainKey("prometheus.io/scrape");
            } else {
                assertThat(annotations).containsEntry("prometheus.io/scrape", "true");
                assertThat(containers(List.of(workload)).flatMap(c -> c.getPorts().stream()))
                        .extracting(port -> port.getContainerPort().toString())
                        .containsExactly(annotations.get("prometheus.io/port"));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void sayHowToReachThem(Scenario scenario) {
        Set<String> services =
                all(scenario.objects(), Service.class)
                        .filter(service -> !service.getSpec().getPorts().isEmpty())
                        .map(
                                service ->
                                        "-n %s port-forward svc/%s %d"
                                                .formatted(
                                                        Charts.NAMESPACE,
                                                        service.getMetadata().getName(),
                                                        service.getSpec()
                                                                .getPorts()
                                                                .get(0)
                                                                .getPort()))
                        .collect(Collectors.toSet());

        Matcher commands =
                Pattern.compile("-n \\S+ port-forward svc/\\S+ \\d+:(\\d+)")
                        .matcher(notes(scenario));
        Set<String> printed =
                commands.results()
                        .map(c -> c.group().replaceFirst("\\d+:\\d+$", c.group(1)))
                        .collect(Collectors.toSet());
        assertThat(printed).isEqualTo(services);
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void sayHowToReadGrafanasPassword(Scenario scenario) {
        Set<String> needed =
                containers(scenario.objects())
                        .flatMap(container -> container.getEnv().stream())
                        .filter(v -> v.getName().equals("GF_SECURITY_ADMIN_PASSWORD"))
                        .map(v -> v.getValueFrom().getSecretKeyRef())
                        .map(
                                key ->
                                        "-n %s get secret %s -o jsonpath='{.data.%s}' | base64 -d"
                                                .formatted(
                                                        Charts.NAMESPACE,
                                                        key.getName(),
                                                        key.getKey()))
                        .collect(Collectors.toSet());

        assertThat(
                        Pattern.compile("-n \\S+ get secret .*")
                                .matcher(notes(scenario))
                                .results()
                                .map(MatchResult::group)
                                .collect(Collectors.toSet()))
                .isEqualTo(needed);
    }

    private static String notes(Scenario scenario) {
        return Charts.helm(scenario.chart())
                .install()
                .withName(Charts.RELEASE)
                .withNamespace(Charts.NAMESPACE)
                .withValuesFile(scenario.values())
                .clientOnly()
                .withDryRunOption(DryRun.CLIENT)
                .call()
                .getOutput();
    }

    @Test
    void anUnknownFieldOrKindIsRefused() {
        String service =
                """
                apiVersion: v1
                kind: Service
                metadata: {name: a}
                spec: {ports: [{port: 1}]}
                """;
        assertThat(KubernetesObjects.parse(service)).hasSize(1);

        assertThatThrownBy(() -> KubernetesObjects.parse(service.replace("{port: 1}", "{prt: 1}")))
                .hasMessageContaining("prt");
        assertThatThrownBy(() -> KubernetesObjects.parse(service.replace("Service", "Svc")))
                .hasMessageContaining("Svc");
        assertThatThrownBy(() -> KubernetesObjects.parse(service + "kind: Service\n"))
                .hasMessageContaining("duplicate key");
    }

    /** A number is no text; YAML reads one where a value of the chart is not quoted. */
    @Test
    void whatYamlReadsAsAnotherTypeIsRefused() {
        for (String name : List.of("2024", "1e5", "on")) {
            assertThatThrownBy(
                            () ->
                                    KubernetesObjects.parse(
                                            "{apiVersion: v1, kind: Pod, metadata: {name: %s}}"
                                                    .formatted(name)))
                    .hasMessageContaining("name");
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void probeWhatRunsForLong(Scenario scenario) {
        List<HasMetadata> objects = scenario.objects();

        assertThat(
                        containers(
                                workloads(objects)
                                        .filter(workload -> !(workload instanceof Pod))
                                        .toList()))
                .isNotEmpty()
                .allSatisfy(
                        container -> {
                            assertThat(container.getLivenessProbe()).isNotNull();
                            assertThat(container.getReadinessProbe()).isNotNull();
                        });
    }

    /** It keeps answering while routing learns that it goes. */
    @ParameterizedTest
    @CsvSource({"default, 5", "everything-on, 10"})
    void theServiceWaitsBeforeItStops(String scenario, String seconds) {
        assertThat(service(scenario).getLifecycle().getPreStop().getExec().getCommand())
                .containsExactly("sleep", seconds);
    }

    @Test
    void theServiceKnowsItsPodAndNode() {
        assertThat(service("default").getStartupProbe()).isNotNull();
        assertThat(service("default").getEnv())
                .extracting(
                        variable ->
                                variable.getName()
                                        + "="
                                        + variable.getValueFrom().getFieldRef().getFieldPath())
                .containsExactly(
                        "POD_NAME=metadata.name",
                        "POD_NAMESPACE=metadata.namespace",
                        "NODE_NAME=spec.nodeName");
    }

    private static Container service(String scenario) {
        return deployment(scenario).getSpec().getTemplate().getSpec().getContainers().get(0);
    }

    @Test
    void theServiceIsGivenTheTimeThatItTakesToStop() {
        assertThat(deployment("default").getSpec().getTemplate().getSpec())
                .extracting(PodSpec::getTerminationGracePeriodSeconds)
                .isEqualTo(5L + 8 + 2);
        assertThat(deployment("everything-on").getSpec().getTemplate().getSpec())
                .extracting(PodSpec::getTerminationGracePeriodSeconds)
                .isEqualTo(10L + 25 + 2);
    }

    @Test
    void aChangedSettingChangesTheChecksum() {
        assertThat(checksum("heavy.errorRate", "0.5"))
                .isNotEqualTo(checksum("heavy.errorRate", "0.6"))
                .isEqualTo(checksum("heavy.errorRate", "0.5"));
    }

    private static String checksum(String key, String value) {
        return checksums(Charts.template("backend").set(key, value).call()).get("rel-backend");
    }

    /** Name of a workload to the checksum of its configuration. */
    private static Map<String, String> checksums(String rendered) {
        Map<String, String> checksums = new TreeMap<>();
        workloads(KubernetesObjects.parse(rendered))
                .filter(workload -> !(workload instanceof Pod))
                .forEach(
                        workload ->
                                checksums.put(
                                        workload.getMetadata().getName(),
                                        pod(workload)
                                                .orElseThrow()
                                                .getMetadata()
                                                .getAnnotations()
                                                .get("checksum/config")));
        return checksums;
    }

    /** Each changed file starts anew the pods that read it, and no others. */
    @ParameterizedTest
    @CsvSource({
        "prometheus/prometheus.yml, prometheus",
        "prometheus/rules/service.yml, prometheus",
        "alertmanager/alertmanager.yml, alertmanager",
        "loki/loki.yaml, loki",
        "promtail/promtail.yaml, promtail",
        "grafana/datasources.yaml, grafana",
        "grafana/dashboards/service.json, grafana",
    })
    void aChangedFileChangesTheChecksumOfItsReader(String file, String reader, @TempDir Path folder)
            throws IOException {
        Path chart = Charts.copy("monitoring", folder);
        Map<String, String> before = checksums(template(chart));
        Path changed = chart.resolve("files").resolve(file);
        Files.writeString(changed, Files.readString(changed) + "\n# changed\n");
        Map<String, String> after = checksums(template(chart));

        assertThat(before).hasSize(5).containsOnlyKeys(after.keySet());
        assertThat(before.keySet())
                .filteredOn(name -> !before.get(name).equals(after.get(name)))
                .containsExactly("rel-" + reader);
    }

    private static String template(Path chart) {
        return new Helm(chart).template().withName(Charts.RELEASE).call();
    }

    /**
     * Helm takes 53 characters; Kubernetes 52 for a StatefulSet, 253 for a pod that nothing else
     * names, and 63 for what else is here.
     */
    @ParameterizedTest
    @ValueSource(strings = {"backend", "monitoring"})
    void areNamedWithinKubernetesLimitsUnderTheLongestName(String chart) {
        List<HasMetadata> objects =
                KubernetesObjects.parse(Charts.template(chart).withName("a".repeat(53)).call());

        assertThat(objects)
                .allSatisfy(
                        object ->
                                assertThat(object.getMetadata().getName().length())
                                        .as(object.getMetadata().getName())
                                        .isLessThanOrEqualTo(longest(object)))
                .extracting(object -> object.getKind() + object.getMetadata().getName())
                .doesNotHaveDuplicates();
    }

    private static int longest(HasMetadata object) {
        if (object instanceof StatefulSet) {
            return 52;
        }
        return object instanceof Pod ? 253 : 63;
    }

    @Test
    void theServiceIsCalledBackendInTheReleaseOfThatName() {
        List<HasMetadata> objects =
                KubernetesObjects.parse(Charts.template("backend").withName("backend").call());

        ServicePort port = one(objects, Service.class, "backend").getSpec().getPorts().get(0);
        assertThat(port.getPort()).isEqualTo(3000);
    }

    @Test
    void theAutoscalerDecidesOnTheReplicasAlone() {
        List<HasMetadata> objects = Scenario.of("backend", "everything-on").objects();

        assertThat(deployment("everything-on").getSpec().getReplicas()).isNull();
        var target = one(objects, HorizontalPodAutoscaler.class, "shop").getSpec();
        assertThat(target.getScaleTargetRef().getKind()).isEqualTo("Deployment");
        assertThat(target.getScaleTargetRef().getName()).isEqualTo("shop");
        assertThat(deployment("existing-stack").getSpec().getReplicas()).isEqualTo(2);
    }

    @Test
    void aSinglePodHasNoDisruptionBudget() {
        assertThat(disruptionBudgets("1")).isEmpty();
        assertThat(disruptionBudgets("2"))
                .singleElement()
                .satisfies(
                        budget ->
                                assertThat(budget.getSpec().getSelector().getMatchLabels())
                                        .isEqualTo(selector(deployment("default"))));
    }

    private static Stream<PodDisruptionBudget> disruptionBudgets(String replicas) {
        return all(
                KubernetesObjects.parse(
                        Charts.template("backend")
                                .set("podDisruptionBudget.enabled", "true")
                                .set("replicaCount", replicas)
                                .call()),
                PodDisruptionBudget.class);
    }

    @Test
    void theRestOfTheServicesObjectsLeadToItsPods() {
        List<HasMetadata> objects = Scenario.of("backend", "everything-on").objects();
        Map<String, String> selector = selector(deployment("everything-on"));

        assertThat(one(objects, NetworkPolicy.class, "shop").getSpec())
                .satisfies(
                        policy -> {
                            assertThat(policy.getPodSelector().getMatchLabels())
                                    .isEqualTo(selector);
                            assertThat(policy.getIngress().get(0).getPorts().get(0).getPort())
                                    .extracting(port -> port.getStrVal())
                                    .isEqualTo("http");
                            assertThat(policy.getIngress().get(0).getFrom()).hasSize(2);
                        });
        assertThat(one(objects, PodDisruptionBudget.class, "shop").getSpec())
                .extracting(budget -> budget.getSelector().getMatchLabels())
                .isEqualTo(selector);
        var rule = one(objects, Ingress.class, "shop").getSpec().getRules().get(0);
        var backend = rule.getHttp().getPaths().get(0).getBackend().getService();
        assertThat(one(objects, Service.class, backend.getName()).getSpec().getPorts())
                .extracting(ServicePort::getName)
                .containsExactly(backend.getPort().getName());
        assertThat(
                        deployment("everything-on")
                                .getSpec()
                                .getTemplate()
                                .getSpec()
                                .getTopologySpreadConstraints())
                .singleElement()
                .extracting(spread -> spread.getLabelSelector().getMatchLabels())
                .isEqualTo(selector);
    }

    /** The Prometheus operator's kinds, whose classes Kubernetes does not have. */
    @Test
    void anExistingStackGetsTheSameTargetAndTheSameRules() throws IOException {
        List<HasMetadata> objects = Scenario.of("backend", "existing-stack").objects();
        Service service = one(objects, Service.class, "rel-backend");
        Map<String, Object> monitor =
                all(objects, GenericKubernetesResource.class)
                        .filter(object -> object.getKind().equals("ServiceMonitor"))
                        .findFirst()
                        .orElseThrow()
                        .get("spec");

        assertThat(monitor)
                .isEqualTo(
                        Map.of(
                                "jobLabel",
                                NAME,
                                "selector",
                                Map.of("matchLabels", service.getSpec().getSelector()),
                                "endpoints",
                                List.of(
                                        Map.of(
                                                "port",
                                                service.getSpec().getPorts().get(0).getName(),
                                                "path",
                                                "/metrics",
                                                "interval",
                                                "15s",
                                                "relabelings",
                                                List.of(
                                                        Map.of(
                                                                "sourceLabels",
                                                                List.of(
                                                                        "__meta_kubernetes_pod_name"),
                                                                "targetLabel",
                                                                "instance"))))));
        assertThat(service.getMetadata().getLabels())
                .containsAllEntriesOf(service.getSpec().getSelector())
                .containsEntry(NAME, "backend-monitoring");

        List<Object> rules =
                all(objects, GenericKubernetesResource.class)
                        .filter(object -> object.getKind().equals("PrometheusRule"))
                        .map(object -> (Object) object.<Map<String, Object>>get("spec"))
                        .toList();
        // Not those that watch the stack: theirs is not ours.
        assertThat(rules)
                .containsExactly(
                        Project.yaml(Project.FILES.resolve("prometheus/rules/service.yml")));
        assertThat(
                        all(objects, GenericKubernetesResource.class)
                                .map(object -> object.getMetadata().getLabels()))
                .allMatch(labels -> "kube-prometheus-stack".equals(labels.get("release")));
    }

    @Test
    void anExistingGrafanaGetsTheSameDashboards() throws IOException {
        ConfigMap dashboards =
                one(
                        Scenario.of("backend", "existing-stack").objects(),
                        ConfigMap.class,
                        "rel-backend-dashboards");

        assertThat(dashboards.getMetadata().getLabels()).containsEntry("grafana_dashboard", "yes");
        Map<String, String> expected = new TreeMap<>();
        for (Path file : Project.files("grafana/dashboards")) {
            expected.put("rel-backend-" + file.getFileName(), Project.text(file));
        }
        // It watches the stack: theirs is not ours.
        expected.remove("rel-backend-monitoring-stack.json");
        assertThat(dashboards.getData()).isEqualTo(expected).hasSizeGreaterThan(2);
    }

    private static Deployment deployment(String scenario) {
        return all(Scenario.of("backend", scenario).objects(), Deployment.class)
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, String> selector(HasMetadata workload) {
        if (workload instanceof Deployment deployment) {
            return deployment.getSpec().getSelector().getMatchLabels();
        }
        if (workload instanceof StatefulSet statefulSet) {
            return statefulSet.getSpec().getSelector().getMatchLabels();
        }
        return ((DaemonSet) workload).getSpec().getSelector().getMatchLabels();
    }

    private static boolean matches(Map<String, String> selector, HasMetadata workload) {
        return pod(workload)
                .orElseThrow()
                .getMetadata()
                .getLabels()
                .entrySet()
                .containsAll(selector.entrySet());
    }

    private static List<String> portNames(HasMetadata workload) {
        return containers(List.of(workload))
                .flatMap(container -> container.getPorts().stream())
                .map(ContainerPort::getName)
                .toList();
    }

    private static Stream<Probe> probes(Container container) {
        return Stream.of(
                        container.getStartupProbe(),
                        container.getLivenessProbe(),
                        container.getReadinessProbe())
                .filter(Objects::nonNull);
    }

    private static String probePort(Probe probe) {
        return (probe.getHttpGet() != null
                        ? probe.getHttpGet().getPort()
                        : probe.getTcpSocket().getPort())
                .getStrVal();
    }

    /** The Secrets that a pod needs, and the keys that it asks of each. */
    private static Map<String, Set<String>> secretKeys(PodSpec pod) {
        Map<String, Set<String>> keys = new TreeMap<>();
        for (Container container : pod.getContainers()) {
            for (EnvVar variable : container.getEnv()) {
                if (variable.getValueFrom() != null
                        && variable.getValueFrom().getSecretKeyRef() != null) {
                    var reference = variable.getValueFrom().getSecretKeyRef();
                    keys.computeIfAbsent(reference.getName(), name -> new HashSet<>())
                            .add(reference.getKey());
                }
            }
        }
        for (Volume volume : pod.getVolumes()) {
            if (volume.getSecret() != null) {
                keys.put(volume.getSecret().getSecretName(), Set.of());
            }
            if (volume.getProjected() != null) {
                volume.getProjected().getSources().stream()
                        .filter(source -> source.getSecret() != null)
                        .forEach(source -> keys.put(source.getSecret().getName(), Set.of()));
            }
        }
        pod.getImagePullSecrets().forEach(secret -> keys.put(secret.getName(), Set.of()));
        return keys;
    }
}
