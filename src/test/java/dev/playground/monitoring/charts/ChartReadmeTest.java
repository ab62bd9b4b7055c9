package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.comments.CommentLine;
import org.yaml.snakeyaml.comments.CommentType;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * The table of values in each chart's README.md has the keys, the defaults and the comments of
 * values.yaml. After a change of that file this command writes it:
 *
 * <pre>mvn test -Dtest=ChartReadmeTest -Dcharts.write=true</pre>
 */
class ChartReadmeTest {
    static final List<String> CHARTS = Charts.NAMES;

    private static final String COMMAND = "mvn test -Dtest=ChartReadmeTest -Dcharts.write=true";
    private static final String HEAD = "| Key | Default | Description |\n|---|---|---|\n";

    @ParameterizedTest
    @FieldSource("CHARTS")
    void tableHasKeysDefaultsAndCommentsOfValues(String chart) throws IOException {
        Path file = Charts.folder(chart).resolve("README.md");
        String readme = Project.text(file);
        // The table is the end of the page.
        String expected = readme.substring(0, readme.indexOf(HEAD)) + HEAD + rows(chart);
        if (Boolean.getBoolean("charts.write")) {
            Files.writeString(file, expected);
        }

        assertThat(Project.text(file)).as("stale; this writes it: " + COMMAND).isEqualTo(expected);
    }

    private static String rows(String chart) {
        Path values = Charts.folder(chart).resolve("values.yaml");
        LoaderOptions options = new LoaderOptions();
        options.setProcessComments(true);
        Node root = new Yaml(options).compose(new StringReader(Project.text(values)));
        return rows("", root, Project.yaml(values));
    }

    private static String rows(String prefix, Node node, Map<String, Object> values) {
        StringBuilder rows = new StringBuilder();
        for (NodeTuple entry : ((MappingNode) node).getValue()) {
            String key = ((ScalarNode) entry.getKeyNode()).getValue();
            Object value = values.get(key);
            boolean group = Charts.isGroup(key, value);
            String comment = comment(entry.getKeyNode());
            assertThat(prefix + comment).as("comment of " + key).isNotEmpty();
            if (!group || !comment.isEmpty()) {
                rows.append(
                        "| `%s%s` | %s | %s |\n"
                                .formatted(prefix, key, group ? "" : cell(value), comment));
            }
            if (group) {
                rows.append(
                        rows(prefix + key + ".", entry.getValueNode(), Project.map(values, key)));
            }
        }
        return rows.toString();
    }

    private static String cell(Object value) {
        return "`" + KubernetesObjects.json(value) + "`";
    }

    private static String comment(Node key) {
        return (key.getBlockComments() == null ? List.<CommentLine>of() : key.getBlockComments())
                .stream()
                        .filter(line -> line.getCommentType() == CommentType.BLOCK)
                        .map(line -> line.getValue().strip())
                        .collect(Collectors.joining(" "))
                        .replace("|", "\\|")
                        .replace("<", "&lt;");
    }
}
