package dev.playground.monitoring.charts;

import static dev.playground.monitoring.charts.Manifest.container;
import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.charts.Charts.Scenario;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** Alloy treats the logs as Promtail does. Its file is not YAML, so the texts are compared. */
class AlloyTest {
    /** The settings of the client that pushes, in Promtail and in Alloy. */
    private static final Map<String, String> CLIENT =
            Map.of(
                    "batchwait", "batch_wait",
                    "timeout", "remote_timeout",
                    "min_period", "min_backoff_period",
                    "max_period", "max_backoff_period",
                    "max_retries", "max_backoff_retries");

    /** Texts of Promtail's pipeline without an equal counterpart in Alloy. */
    private static final Set<String> PROMTAIL_ONLY =
            Set.of("job_name", "containers", "pipeline_stages", "stages", "labeldrop");

    private static final String STAGES =
            "(?m)^ +-"
                    + " (cri|match|json|timestamp|labels|structured_metadata|output|multiline|labeldrop):";

    private static final String ALLOY = Project.text(Project.FILES.resolve("alloy/config.alloy"));
    private static final String PROMTAIL =
            Project.text(Project.FILES.resolve("promtail/promtail.yaml"));

    /** Without the lines that the environment fills in, the address of the client for one. */
    private static final Map<String, Object> CONFIG =
            new Yaml().load(PROMTAIL.replace("$$", "$").replaceAll("(?m)^.*\\$\\{.*$", ""));

    @Test
    void hasTheStagesOfPromtail() {
        List<String> texts = new ArrayList<>();
        texts(Project.maps(CONFIG, "scrape_configs").get(0), texts);

        assertThat(texts)
                .contains("trace_id", "RFC3339Nano")
                .filteredOn(text -> !PROMTAIL_ONLY.contains(text))
                .allMatch(ALLOY::contains);
        assertThat(groups(ALLOY, "stage\\.(\\w+) "))
                .extracting(stage -> stage.replace("label_drop", "labeldrop"))
                .isEqualTo(groups(PROMTAIL, STAGES));
    }

    /** Every key and every value below. */
    private static void texts(Object tree, List<String> into) {
        if (tree instanceof Map<?, ?> map) {
            map.keySet().forEach(key -> into.add(key.toString()));
            map.values().forEach(value -> texts(value, into));
        } else if (tree instanceof List<?> list) {
            list.forEach(value -> texts(value, into));
        } else if (tree != null) {
            into.add(tree.toString());
        }
    }

    @Test
    void pushesLikePromtail() {
        Map<String, Object> client = new TreeMap<>(Project.map(CONFIG, "clients"));
        client.putAll(Project.map(client, "backoff_config"));

        assertThat(client).containsEntry("max_retries", 0);
        CLIENT.forEach(
                (promtail, alloy) ->
                        assertThat(groups(ALLOY, "(?m)^\\s+" + alloy + " += \"?(\\w+)\"?$"))
                                .as(alloy)
                                .containsExactly(client.get(promtail).toString()));
    }

    @Test
    void givesLinesTheLabelsOfPromtail() {
        List<Manifest> objects = Scenario.of("monitoring", "default").objects();
        String relabel = Manifest.environment(container(objects, "promtail")).get("RELABEL");
        List<String> rules = groups(ALLOY, "(?s)rule \\{(.*?)}");

        assertThat(groups(relabel, "target_label: (?!__)(\\w+)"))
                .hasSize(3)
                .allMatch(label -> rules.stream().anyMatch(r -> r.contains('"' + label + '"')));
        assertThat(rules).hasSize(4);
    }

    @Test
    void countsUnderTheNamesOfPromtail() throws IOException {
        Map<String, String> files = ChartConfigurationTest.prometheusFiles("alloy");
        Map<String, Object> scrape =
                new Yaml().load(files.get("/etc/prometheus/scrape/kubernetes.yml"));
        Map<String, Object> job = Project.maps(scrape, "scrape_configs").get(0);
        Map<String, Object> rule = Project.maps(job, "metric_relabel_configs").get(0);
        String alloys = "^" + rule.get("regex") + "$";
        String promtails = rule.get("replacement").toString();
        Set<String> used = new TreeSet<>();
        for (String folder : List.of("prometheus/rules", "grafana/dashboards")) {
            for (Path file : Project.files(folder)) {
                used.addAll(groups(Project.text(file), "(promtail_[a-z_]+)"));
            }
        }

        assertThat(used)
                .hasSizeGreaterThan(3)
                .allSatisfy(
                        name -> {
                            String gauge = name.replace("promtail_", "loki_source_file_");
                            String counter = name.replace("promtail_", "loki_write_");
                            // The gauges of files change only when a line arrives.
                            assertThat(gauge).doesNotMatch(alloys);
                            assertThat(counter.replaceFirst(alloys, promtails).equals(name))
                                    .isNotEqualTo(name.matches(".*_(file|read)_bytes_total"));
                        });
    }

    private static List<String> groups(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).results().map(m -> m.group(1)).toList();
    }
}
