package dev.playground.monitoring.compose;

import static dev.playground.monitoring.charts.KubernetesObjects.containers;
import static dev.playground.monitoring.charts.KubernetesObjects.workloads;
import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.charts.Charts;
import dev.playground.monitoring.charts.Charts.Scenario;
import dev.playground.monitoring.charts.KubernetesObjects;
import dev.playground.monitoring.charts.PodFiles;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.PrometheusProgram;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** What compose runs on a laptop and the charts in a cluster is one configuration. */
class ChartConfigurationTest {
    /** Of each part, its name in compose, and the container of the charts. */
    private static final Map<String, Container> PARTS = new TreeMap<>();

    private static List<HasMetadata> monitoring;
    private static Map<String, Object> compose;

    @BeforeAll
    static void render() throws IOException {
        compose = Project.map(Project.compose(), "services");
        monitoring = Scenario.of("monitoring", "default").objects();
        Stream.concat(monitoring.stream(), Scenario.of("backend", "default").objects().stream())
                .filter(object -> !(object instanceof Pod))
                .flatMap(object -> containers(List.of(object)))
                .forEach(
                        container ->
                                PARTS.put(
                                        container.getName().equals("prometheus")
                                                ? "prom-server"
                                                : container.getName(),
                                        container));
    }

    static Set<String> parts() throws IOException {
        return Project.map(Project.compose(), "services").keySet();
    }

    @Test
    void bothRunTheSameParts() {
        assertThat(PARTS).containsOnlyKeys(compose.keySet());
    }

    @ParameterizedTest
    @MethodSource("parts")
    void eachPartHasTheSameImageAndMemory(String part) {
        Map<String, Object> service = Project.map(compose, part);
        Container container = PARTS.get(part);

        assertThat(container.getImage()).isEqualTo(service.get("image"));
        assertThat(container.getResources().getLimits().get("memory"))
                .isEqualTo(Quantity.parse(service.get("mem_limit").toString().replace("m", "Mi")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"prom-server", "alertmanager", "loki", "promtail"})
    void eachPartIsStartedTheSame(String part) {
        List<?> command = (List<?>) Project.map(compose, part).get("command");

        assertThat(PARTS.get(part).getArgs())
                .isEqualTo(
                        command.stream()
                                // What compose puts in when nobody set the variable.
                                .map(arg -> arg.toString().replaceAll("\\$\\{\\w+:\\+[^}]*}", ""))
                                .toList());
    }

    /** Byte for byte, at the same place, and no file of the folder is left out. */
    @ParameterizedTest
    @MethodSource("parts")
    void eachPartFindsTheFilesThatComposeMounts(String part) throws IOException {
        Map<String, String> mounted = new TreeMap<>();
        List<?> volumes = (List<?>) Project.map(compose, part).getOrDefault("volumes", List.of());
        for (Object volume : volumes) {
            String[] parts = volume.toString().split(":");
            if (parts[0].startsWith("./")) {
                mounted.putAll(files(Project.TOP.resolve(parts[0]).normalize(), parts[1]));
            }
        }

        assertThat(files(part, monitoring)).containsAllEntriesOf(mounted);
        assertThat(mounted.isEmpty()).isEqualTo(part.equals("backend"));
    }

    /** The files of a container; without those that only the chart has, for discovery. */
    private static Map<String, String> files(String part, List<HasMetadata> objects) {
        return workloads(objects)
                .filter(o -> containers(List.of(o)).anyMatch(c -> c.equals(PARTS.get(part))))
                .map(workload -> PodFiles.of(objects, workload))
                .findFirst()
                .orElse(Map.of());
    }

    private static Map<String, String> files(Path file, String target) throws IOException {
        if (!file.toFile().isDirectory()) {
            return Map.of(target, Project.text(file));
        }
        Map<String, String> files = new TreeMap<>();
        for (Path one : Project.files(Project.FILES.relativize(file).toString())) {
            files.put(target + "/" + one.getFileName(), Project.text(one));
        }
        return files;
    }

    @Test
    void everySharedFileIsInSomeContainer() throws IOException {
        Set<String> contents = new HashSet<>();
        for (String scenario : List.of("default", "alloy")) {
            List<HasMetadata> objects = Scenario.of("monitoring", scenario).objects();
            workloads(objects).forEach(w -> contents.addAll(PodFiles.of(objects, w).values()));
        }

        try (Stream<Path> files = Files.walk(Project.FILES)) {
            for (Path file : files.filter(f -> f.toFile().isFile()).toList()) {
                assertThat(contents).as(file.toString()).contains(Project.text(file));
            }
        }
    }

    @Test
    void grafanaIsSetUpTheSame() {
        Map<String, Object> composes =
                new TreeMap<>(Project.map(Project.map(compose, "grafana"), "environment"));
        Map<String, String> charts = environment(PARTS.get("grafana"));

        assertThat(charts).containsOnlyKeys(composes.keySet());
        assertThat(settings(charts)).isEqualTo(settings(composes));
    }

    /** Without addresses and the login. */
    private static Map<String, Object> settings(Map<String, ?> environment) {
        Map<String, Object> settings = new TreeMap<>(environment);
        settings.keySet().removeIf(key -> key.endsWith("_URL") || key.contains("_ADMIN_"));
        return settings;
    }

    /** A variable in a shared file has to be set by compose and by the chart. */
    @ParameterizedTest
    @ValueSource(strings = {"grafana", "promtail"})
    void everyVariableInTheFilesIsSet(String part) throws IOException {
        Set<String> variables = new TreeSet<>();
        for (Path file : Project.files(part)) {
            if (file.toFile().isFile()) {
                names(Project.text(file), "\\$\\{([A-Z_]+)}").forEach(variables::add);
            }
        }
        Set<String> composes = new TreeSet<>(variables);
        Set<String> charts = new TreeSet<>(variables);
        // Where Promtail looks for containers is the one thing that differs.
        composes.remove("KUBERNETES_SD");
        charts.remove("DOCKER_SD");

        assertThat(variables).hasSizeGreaterThan(1);
        assertThat(Project.map(Project.map(compose, part), "environment").keySet())
                .containsAll(composes)
                .doesNotContain("KUBERNETES_SD");
        assertThat(environment(PARTS.get(part)).keySet())
                .containsAll(charts)
                .doesNotContain("DOCKER_SD");
    }

    @Test
    void promtailGivesLinesTheSameLabels() {
        String composes =
                (String)
                        Project.map(Project.map(compose, "promtail"), "environment").get("RELABEL");
        Map<String, String> charts = environment(PARTS.get("promtail"));

        assertThat(labels(charts.get("RELABEL"))).isEqualTo(labels(composes));
        assertThat(charts.get("KUBERNETES_SD"))
                .isEqualTo(
                        "[{role: pod, namespaces: {names: [\"%s\"]}}]".formatted(Charts.NAMESPACE));
    }

    @SuppressWarnings("unchecked")
    private static Set<String> labels(String relabel) {
        return ((List<Map<String, Object>>) new Yaml().<Object>load(relabel))
                .stream()
                        .map(rule -> (String) rule.get("target_label"))
                        .filter(label -> label != null && !label.startsWith("__"))
                        .collect(Collectors.toSet());
    }

    @Test
    void theServicesKnobsHaveTheServicesDefaults() throws IOException {
        Map<String, Object> heavy =
                Project.map(Project.yaml(Path.of("src/main/resources/application.yml")), "heavy");
        Map<String, String> environment =
                Charts.configMap(Scenario.of("backend", "default").objects(), "rel-backend");

        assertThat(
                        environment.keySet().stream()
                                .filter(name -> name.startsWith("HEAVY_"))
                                .map(name -> name.substring(6).toLowerCase().replace('_', '-')))
                .hasSameElementsAs(heavy.keySet());
        heavy.forEach(
                (name, value) ->
                        assertThat(environment.get("HEAVY_" + name.toUpperCase().replace('-', '_')))
                                .isEqualTo(value.toString().replace(", ", ",")));
    }

    /** Helm alone would write 1e+06, which the service refuses. */
    @Test
    void largeNumbersStayWholeNumbers() {
        assertThat(Charts.configMap(Scenario.of("backend", "everything-on").objects(), "shop"))
                .containsEntry("HEAVY_MAX_IN_FLIGHT", "1000000")
                .containsEntry("HEAVY_LATENCIES_MS", "0,50000")
                .containsEntry("SHUTDOWN_DRAIN_MS", "20500");
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "everything-on", "object-storage"})
    void promtoolAcceptsWhatPrometheusFinds(String scenario, @TempDir Path folder)
            throws IOException {
        PrometheusProgram promtool = PrometheusProgram.promtool();
        List<HasMetadata> objects = Scenario.of("monitoring", scenario).objects();
        HasMetadata prometheus = prometheus(objects);
        PodFiles.write(PodFiles.of(objects, prometheus), "/etc/prometheus", folder);
        // The Secret's file, and the token that Kubernetes mounts.
        Path secrets = Files.createDirectory(folder.resolve("secrets"));
        Files.writeString(secrets.resolve("token"), "secret");

        String config = folder.resolve("prometheus.yml").toString();
        assertThat(promtool.expectSuccess("check", "config", config)).contains("rules found");
    }

    @Test
    void samplesGoOnToAStoreThatIsNamed() {
        List<HasMetadata> objects = Scenario.of("monitoring", "object-storage").objects();
        String file =
                PodFiles.of(objects, prometheus(objects)).get("/etc/prometheus/prometheus.yml");
        Map<String, Object> config = new Yaml().load(file);

        List<?> remoteWrite = (List<?>) config.remove("remote_write");
        assertThat(remoteWrite)
                .isEqualTo(
                        Project.map(values("monitoring", "object-storage"), "prometheus")
                                .get("remoteWrite"));
        assertThat(config)
                .isEqualTo(
                        new Yaml()
                                .load(
                                        Project.text(
                                                Project.FILES.resolve(
                                                        "prometheus/prometheus.yml"))));
    }

    @Test
    void aBucketTakesThePlaceOfLokisFolderAndOfNothingElse() {
        Map<String, Object> shared = loki(Project.text(Project.FILES.resolve("loki/loki.yaml")));
        Map<String, Object> config =
                loki(
                        Charts.configMap(
                                        Scenario.of("monitoring", "object-storage").objects(),
                                        "rel-loki")
                                .get("loki.yaml"));
        Map<String, Object> storage = Project.map(Project.map(config, "common"), "storage");
        assertThat(storage)
                .isEqualTo(
                        Map.of(
                                "s3",
                                Map.of(
                                        "endpoint", "minio.storage:9000",
                                        "region", "eu-central-1",
                                        "bucketnames", "shop-logs",
                                        "insecure", true,
                                        "s3forcepathstyle", true)));

        List<String> changed = new ArrayList<>();
        differences("", shared, config, changed);
        assertThat(changed)
                .containsExactlyInAnyOrder(
                        "/common/storage",
                        "/schema_config/configs/0/object_store",
                        "/compactor/delete_request_store");
    }

    /** A date or a string of one: the same to Helm, and to Loki. */
    private static Map<String, Object> loki(String file) {
        return new Yaml().load(file.replaceAll("from: [\"']?([\\d-]+)[\"']?", "from: '$1'"));
    }

    private static void differences(String path, Object one, Object other, List<String> into) {
        if (one instanceof Map<?, ?> map
                && other instanceof Map<?, ?> otherMap
                && map.keySet().equals(otherMap.keySet())) {
            map.forEach((k, v) -> differences(path + "/" + k, v, otherMap.get(k), into));
        } else if (one instanceof List<?> list && other instanceof List<?> otherList) {
            for (int i = 0; i < list.size(); i++) {
                differences(path + "/" + i, list.get(i), otherList.get(i), into);
            }
        } else if (!String.valueOf(one).equals(String.valueOf(other))) {
            into.add(path);
        }
    }

    @Test
    void prometheusTellsTheAlertmanagerThatThereIs() {
        assertThat(alertmanagers("default"))
                .isEqualTo(
                        List.of(
                                Map.of(
                                        "targets", List.of("rel-alertmanager:9093"),
                                        "labels", Map.of("__scheme__", "http"))));
        assertThat(alertmanagers("minimal")).isEqualTo(List.of());
    }

    private static Object alertmanagers(String scenario) {
        List<HasMetadata> objects = Scenario.of("monitoring", scenario).objects();
        return new Yaml()
                .load(
                        PodFiles.of(objects, prometheus(objects))
                                .get("/etc/prometheus/alertmanagers/alertmanager.yml"));
    }

    @Test
    void anExternalAlertmanagerIsToldByItsScheme() {
        List<HasMetadata> objects =
                KubernetesObjects.parse(
                        Charts.template("monitoring")
                                .set("alertmanager.enabled", "false")
                                .set("alertmanager.url", "https://alerts.example.com")
                                .call());

        assertThat(
                        new Yaml()
                                .<Object>load(
                                        Charts.configMap(objects, "rel-prometheus")
                                                .get("alertmanager.yml")))
                .isEqualTo(
                        List.of(
                                Map.of(
                                        "targets", List.of("alerts.example.com"),
                                        "labels", Map.of("__scheme__", "https"))));
    }

    @Test
    void anExistingStackIsAskedAtItsOwnAddresses() {
        Map<String, Container> parts =
                containers(Scenario.of("monitoring", "existing-stack").objects())
                        .collect(Collectors.toMap(Container::getName, container -> container));

        assertThat(environment(parts.get("grafana")))
                .containsEntry(
                        "PROMETHEUS_URL", "http://kube-prometheus-stack-prometheus.monitoring:9090")
                .containsEntry("LOKI_URL", "http://loki-gateway.logging")
                .containsEntry("ALERTMANAGER_URL", "https://alertmanager.example.com");
        assertThat(environment(parts.get("promtail")))
                .containsEntry("LOKI_URL", "http://loki-gateway.logging");
    }

    @Test
    void alertsGoToTheWebhookOfASecret() {
        List<HasMetadata> objects = Scenario.of("monitoring", "everything-on").objects();
        Container alertmanager =
                containers(objects)
                        .filter(container -> container.getName().equals("alertmanager"))
                        .findFirst()
                        .orElseThrow();

        assertThat(alertmanager.getArgs())
                .contains("--config.file=/etc/alertmanager/webhook-alertmanager.yml");
    }

    /** The one is YAML, the other is not: what both have to say is compared. */
    @Test
    void alloyHasPromtailsPipeline() {
        String promtail = Project.text(Project.FILES.resolve("promtail/promtail.yaml"));
        String alloy = Project.text(Project.FILES.resolve("alloy/config.alloy"));
        Map<String, Object> config =
                new Yaml().load(promtail.replace("$$", "$").replaceAll("(?m)^.*\\$\\{.*$", ""));

        List<String> texts = new ArrayList<>();
        strings(((List<?>) config.get("scrape_configs")).get(0), texts);
        assertThat(texts)
                .contains("trace_id", "RFC3339Nano")
                .filteredOn(text -> !text.equals("containers") && !NAMES_OF_PROMTAIL.contains(text))
                .allSatisfy(text -> assertThat(alloy).contains(text));
        // The one client, whose first line is the address.
        Map<String, Object> client = new TreeMap<>(Project.map(config, "clients"));
        client.putAll(Project.map(client, "backoff_config"));
        ALLOYS_NAMES.forEach(
                (name, alloys) ->
                        assertThat(names(alloy, "(?m)^\\s+" + alloys + " += \"?(\\w+)\"?$"))
                                .as(alloys)
                                .containsExactly(client.get(name).toString()));
        assertThat(client).containsEntry("max_retries", 0);
        // Stage by stage.
        assertThat(names(alloy, "stage\\.(\\w+) "))
                .isEqualTo(
                        names(
                                        promtail,
                                        "(?m)^ +-"
                                                + " (cri|match|json|timestamp|labels|structured_metadata|output|multiline|labeldrop):")
                                .stream()
                                .map(name -> name.replace("labeldrop", "label_drop"))
                                .toList());
    }

    /** What the client of each is set to. */
    private static final Map<String, String> ALLOYS_NAMES =
            Map.of(
                    "batchwait", "batch_wait",
                    "timeout", "remote_timeout",
                    "min_period", "min_backoff_period",
                    "max_period", "max_backoff_period",
                    "max_retries", "max_backoff_retries");

    /** Keys that are spelt otherwise in Alloy. */
    private static final Set<String> NAMES_OF_PROMTAIL =
            Set.of("job_name", "pipeline_stages", "stages", "labeldrop");

    private static List<String> names(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).results().map(m -> m.group(1)).toList();
    }

    private static void strings(Object tree, List<String> into) {
        if (tree instanceof Map<?, ?> map) {
            map.forEach(
                    (key, value) -> {
                        into.add(key.toString());
                        strings(value, into);
                    });
        } else if (tree instanceof List<?> list) {
            list.forEach(value -> strings(value, into));
        } else if (tree != null) {
            into.add(tree.toString());
        }
    }

    @Test
    void alloyGivesLinesTheSameLabels() {
        String alloy = Project.text(Project.FILES.resolve("alloy/config.alloy"));
        List<String> rules =
                Pattern.compile("rule \\{(.*?)}", Pattern.DOTALL)
                        .matcher(alloy)
                        .results()
                        .map(MatchResult::group)
                        .toList();

        assertThat(labels(environment(PARTS.get("promtail")).get("RELABEL")))
                .allSatisfy(
                        label ->
                                assertThat(rules)
                                        .anyMatch(rule -> rule.contains('"' + label + '"')));
        assertThat(rules).hasSize(4);
    }

    @Test
    void whatAlloyCountsHasPromtailsName() throws IOException {
        List<HasMetadata> objects = Scenario.of("monitoring", "alloy").objects();
        Map<String, Object> scrape =
                new Yaml()
                        .load(
                                PodFiles.of(objects, prometheus(objects))
                                        .get("/etc/prometheus/scrape/kubernetes.yml"));
        Map<?, ?> job = (Map<?, ?>) ((List<?>) scrape.get("scrape_configs")).get(0);
        Map<?, ?> rule = (Map<?, ?>) ((List<?>) job.get("metric_relabel_configs")).get(0);
        Set<String> promtail = new TreeSet<>();
        List<Path> files = new ArrayList<>(Project.files("prometheus/rules"));
        files.addAll(Project.files("grafana/dashboards"));
        for (Path file : files) {
            Pattern.compile("promtail_[a-z_]+")
                    .matcher(Project.text(file))
                    .results()
                    .forEach(name -> promtail.add(name.group()));
        }

        assertThat(promtail)
                .hasSizeGreaterThan(3)
                .allSatisfy(
                        name ->
                                assertThat(
                                                name.replace("promtail_", alloys(name))
                                                        .replaceFirst(
                                                                "^" + rule.get("regex") + "$",
                                                                (String) rule.get("replacement")))
                                        .isEqualTo(name));
    }

    /** What reads the files counts those, what sends the lines the rest. */
    private static String alloys(String name) {
        return name.matches(".*_(file|read)_bytes_total") ? "loki_source_file_" : "loki_write_";
    }

    private static HasMetadata prometheus(List<HasMetadata> objects) {
        return workloads(objects)
                .filter(o -> containers(List.of(o)).anyMatch(c -> c.getName().equals("prometheus")))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, String> environment(Container container) {
        Map<String, String> environment = new TreeMap<>();
        for (EnvVar variable : container.getEnv()) {
            environment.put(variable.getName(), variable.getValue());
        }
        return environment;
    }

    private static Map<String, Object> values(String chart, String scenario) {
        return new Yaml().load(Project.text(Scenario.of(chart, scenario).values()));
    }
}
