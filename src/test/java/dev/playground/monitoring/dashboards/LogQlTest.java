package dev.playground.monitoring.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.docs.Telemetry;
import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.NodeScripts;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each LogQL expression, read by Loki's own grammar. */
public class LogQlTest {
    private static List<LogQl> all;

    /** What the grammar says of each, in the same order. */
    private static final List<JsonNode> read = new ArrayList<>();

    @BeforeAll
    static void readAll() throws IOException {
        NodeScripts.prepare();
        all = LogQl.all();
        JsonNode input =
                JsonNode.createArrayNode(
                        all.stream()
                                .map(logQl -> JsonNode.createStringNode(logQl.substituted(".*")))
                                .toList());
        Command.Result result = NodeScripts.run(Json.text(input), List.of("logql.mjs"));
        assertThat(result.exitCode()).as(result.output()).isZero();
        Json.parse(result.output()).values().forEach(read::add);
    }

    @Test
    void thereAreSomeOfPanelsOfLinksAndOfPages() {
        assertThat(read).hasSameSizeAs(all);
        assertThat(all)
                .extracting(LogQl::where)
                .contains("README.md", "a link of Grafana")
                .anyMatch(where -> where.startsWith("Service / "));
    }

    @Test
    void eachParses() {
        for (int i = 0; i < all.size(); i++) {
            assertThat(read.get(i).get("error").isNull())
                    .as(
                            "%s: %s %s",
                            all.get(i), all.get(i).expr(), Json.string(read.get(i), "error"))
                    .isTrue();
        }
    }

    @Test
    void eachAsksForLabelsAndMetadataOfTheContractAlone() throws IOException {
        Set<String> contract = Telemetry.logNames();
        assertThat(contract).contains("app", "namespace", "instance", "level", "trace_id");

        for (int i = 0; i < all.size(); i++) {
            assertThat(strings(read.get(i), "asked"))
                    .as("%s: %s", all.get(i), all.get(i).expr())
                    .filteredOn(name -> !contract.contains(name))
                    .isSubsetOf(strings(read.get(i), "made"));
        }
    }

    private static List<String> strings(JsonNode node, String key) {
        return Json.list(node, key).stream().map(JsonNode::getStringValue).toList();
    }
}
