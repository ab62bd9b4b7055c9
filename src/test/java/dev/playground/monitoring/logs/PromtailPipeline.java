package dev.playground.monitoring.logs;

import dev.playground.monitoring.testkit.LogEntry;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.Yaml;

/**
 * What Promtail makes of lines by the pipeline in a configuration file. It knows the stages and the
 * options that the file uses, as Promtail 3.6 does them, and refuses each one that it does not
 * know.
 */
final class PromtailPipeline {
    static final Path COMMITTED = Path.of("helm/monitoring/files/promtail/promtail.yaml");

    private static final JsonMapper JSON = JsonMapper.createDefault();

    /** Turns the entries before a stage into those behind it. */
    private interface Stage {
        List<Entry> apply(List<Entry> entries);
    }

    private final List<Stage> stages;

    private PromtailPipeline(List<Stage> stages) {
        this.stages = stages;
    }

    static PromtailPipeline committed() throws IOException {
        return of(Files.readString(COMMITTED));
    }

    @SuppressWarnings("unchecked")
    static PromtailPipeline of(String file) {
        Map<String, Object> config = new Yaml().load(expandEnvironment(file));
        List<Map<String, Object>> scrapes =
                (List<Map<String, Object>>) config.get("scrape_configs");
        return new PromtailPipeline(stages(scrapes.get(0).get("pipeline_stages")));
    }

    /**
     * @param nanos when the container's runtime saw the line
     */
    record Line(String text, long nanos) {}

    /**
     * @param labels those of discovery
     */
    List<LogEntry> ship(Map<String, String> labels, List<Line> lines) {
        List<Entry> entries = new ArrayList<>();
        for (Line line : lines) {
            entries.add(new Entry(labels, line.nanos(), line.text()));
        }
        return apply(stages, entries).stream()
                .map(e -> new LogEntry(Map.copyOf(e.labels), e.nanos, e.line, e.metadata))
                .toList();
    }

    private static final class Entry {
        final Map<String, String> labels;
        final Map<String, String> extracted = new HashMap<>();
        final Map<String, String> metadata = new TreeMap<>();
        long nanos;

        /** When the last of its lines came, however late its agent reads it. */
        long seen;

        String line;

        Entry(Map<String, String> labels, long nanos, String line) {
            this.labels = new TreeMap<>(labels);
            this.nanos = nanos;
            this.seen = nanos;
            this.line = line;
        }
    }

    private static List<Entry> apply(List<Stage> stages, List<Entry> entries) {
        List<Entry> result = entries;
        for (Entry entry : entries) {
            entry.extracted.putAll(entry.labels);
        }
        for (Stage stage : stages) {
            result = stage.apply(result);
        }
        return result;
    }

    @SuppressWarnings("unchecked")
    private static List<Stage> stages(Object list) {
        return ((List<Map<String, Object>>) list)
                .stream()
                        .flatMap(named -> named.entrySet().stream())
                        .map(stage -> stage(stage.getKey(), stage.getValue()))
                        .toList();
    }

    private static Stage stage(String name, Object config) {
        return switch (name) {
            case "cri" -> cri(options(config));
            case "match" -> match(options(config, "selector", "stages"));
            case "json" -> json(options(config, "expressions"));
            case "timestamp" -> timestamp(options(config, "source", "format", "action_on_failure"));
            case "labels" -> labels(sources(config));
            case "structured_metadata" -> structuredMetadata(sources(config));
            case "output" -> output(options(config, "source"));
            case "multiline" ->
                    multiline(options(config, "firstline", "max_wait_time", "max_lines"));
            case "labeldrop" -> labelDrop(config);
            default -> throw new IllegalArgumentException("Unknown stage " + name);
        };
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> options(Object config, String... known) {
        Map<String, Object> options = (Map<String, Object>) config;
        Set<String> unknown = new TreeSet<>(options.keySet());
        unknown.removeAll(List.of(known));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("Unknown options " + unknown);
        }
        return options;
    }

    /** Name to source; no source stands for the same name. */
    private static Map<String, String> sources(Object config) {
        Map<String, String> sources = new TreeMap<>();
        @SuppressWarnings("unchecked")
        Map<String, String> given = (Map<String, String>) config;
        given.forEach((name, source) -> sources.put(name, source == null ? name : source));
        return sources;
    }

    private static Stage cri(Map<String, Object> noOptions) {
        Pattern form = Pattern.compile("(?s)^(\\S+?) (stdout|stderr) (\\S+?) (.*)$");
        return entries -> {
            List<Entry> whole = new ArrayList<>();
            Map<Map<String, String>, String> parts = new HashMap<>();
            for (Entry entry : entries) {
                Matcher matcher = form.matcher(entry.line);
                boolean partial = false;
                if (matcher.matches()) {
                    entry.nanos = nanos(matcher.group(1));
                    entry.seen = entry.nanos;
                    entry.labels.put("stream", matcher.group(2));
                    partial = matcher.group(3).equals("P");
                    entry.line = matcher.group(4);
                }
                entry.line = parts.getOrDefault(entry.labels, "") + entry.line;
                if (partial) {
                    parts.put(entry.labels, entry.line);
                } else {
                    parts.remove(entry.labels);
                    whole.add(entry);
                }
            }
            return whole;
        };
    }

    private static Stage match(Map<String, Object> config) {
        Selector selector = Selector.parse((String) config.get("selector"));
        List<Stage> inside = stages(config.get("stages"));
        return entries -> {
            Map<Boolean, List<Entry>> selected =
                    entries.stream().collect(Collectors.partitioningBy(selector::matches));
            List<Entry> result = new ArrayList<>(selected.get(false));
            result.addAll(apply(inside, selected.get(true)));
            return result;
        };
    }

    private static Stage json(Map<String, Object> config) {
        Map<String, String> expressions = sources(config.get("expressions"));
        expressions.values().forEach(PromtailPipeline::requireNameOfAField);
        return each(
                entry -> {
                    JsonNode object;
                    try {
                        object = JSON.readValue(entry.line, Argument.of(JsonNode.class));
                    } catch (IOException malformed) {
                        return;
                    }
                    expressions.forEach(
                            (name, field) -> {
                                JsonNode value = object.get(field);
                                if (value != null && !value.isNull()) {
                                    entry.extracted.put(name, value.coerceStringValue());
                                }
                            });
                });
    }

    /** Any other one would be an expression of JMESPath. */
    private static void requireNameOfAField(String expression) {
        if (!expression.matches("\\w+")) {
            throw new IllegalArgumentException("Unknown expression " + expression);
        }
    }

    private static Stage timestamp(Map<String, Object> config) {
        // By default Promtail would take the time of the event before, and add a nanosecond.
        if (!config.get("format").equals("RFC3339Nano")
                || !"skip".equals(config.get("action_on_failure"))) {
            throw new IllegalArgumentException("Unknown kind of timestamp " + config);
        }
        return each(
                entry -> {
                    String time = entry.extracted.get((String) config.get("source"));
                    if (time != null) {
                        entry.nanos = nanos(time);
                    }
                });
    }

    private static Stage labels(Map<String, String> sources) {
        return each(
                entry ->
                        sources.forEach(
                                (label, source) -> {
                                    if (entry.extracted.containsKey(source)) {
                                        entry.labels.put(label, entry.extracted.get(source));
                                    }
                                }));
    }

    private static Stage structuredMetadata(Map<String, String> sources) {
        return each(
                entry ->
                        sources.forEach(
                                (name, source) -> {
                                    if (entry.extracted.containsKey(source)) {
                                        entry.metadata.put(name, entry.extracted.get(source));
                                        entry.labels.remove(source);
                                    }
                                }));
    }

    private static Stage output(Map<String, Object> config) {
        return each(
                entry ->
                        entry.line =
                                entry.extracted.getOrDefault(
                                        (String) config.get("source"), entry.line));
    }

    private static Stage multiline(Map<String, Object> config) {
        Pattern first = regex((String) config.get("firstline"));
        int maxLines = (int) config.getOrDefault("max_lines", 128);
        long maxWait = duration((String) config.get("max_wait_time"));
        return entries -> {
            List<Entry> result = new ArrayList<>();
            Map<Map<String, String>, Block> blocks = new HashMap<>();
            for (Entry entry : entries) {
                boolean begins = first.matcher(entry.line).find();
                Block block = blocks.get(entry.labels);
                if (block == null && !begins) {
                    result.add(entry);
                    continue;
                }
                if (block == null) {
                    block = new Block(result);
                    blocks.put(entry.labels, block);
                }
                if (begins || entry.seen - block.seen > maxWait) {
                    block.end();
                }
                if (begins) {
                    block.start = entry;
                }
                block.add(entry);
                if (block.lines == maxLines) {
                    block.end();
                }
            }
            blocks.values().forEach(Block::end);
            return result;
        };
    }

    /**
     * Lines of one stream that become one. As in Promtail, nothing is shipped for no text, and what
     * goes on after the block has ended has the time of its first line.
     */
    private static final class Block {
        private final List<Entry> ended;
        private final StringBuilder text = new StringBuilder();
        private Entry start;
        private long seen;
        private int lines;

        Block(List<Entry> ended) {
            this.ended = ended;
        }

        void add(Entry entry) {
            text.append(text.isEmpty() ? "" : "\n").append(entry.line);
            seen = entry.seen;
            lines++;
        }

        void end() {
            if (!text.isEmpty()) {
                Entry whole = new Entry(start.labels, start.nanos, text.toString());
                whole.seen = seen;
                ended.add(whole);
                text.setLength(0);
                lines = 0;
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static Stage labelDrop(Object config) {
        return each(entry -> entry.labels.keySet().removeAll((List<String>) config));
    }

    private static Stage each(Consumer<Entry> change) {
        return entries -> {
            entries.forEach(change);
            return entries;
        };
    }

    /** Of the few things that Go writes differently, the one that the file uses. */
    private static Pattern regex(String go) {
        String java = go.replace("[:space:]", "\\s");
        if (java.contains("[:")) {
            throw new IllegalArgumentException("Unknown class of characters in " + go);
        }
        return Pattern.compile(java);
    }

    /** Of the units that Go knows, the two that the file uses. */
    private static long duration(String go) {
        long number = Long.parseLong(go.replaceAll("m?s$", ""));
        return TimeUnit.SECONDS.toNanos(number) / (go.endsWith("ms") ? 1_000 : 1);
    }

    private static long nanos(String rfc3339) {
        Instant time = Instant.parse(rfc3339);
        return time.getEpochSecond() * 1_000_000_000 + time.getNano();
    }

    /** Labels in braces, and behind them filters for the line. */
    private record Selector(List<Predicate<Entry>> conditions) {
        private static final String QUOTED = "\"((?:[^\"\\\\]|\\\\.)*)\"";
        private static final Pattern FORM =
                Pattern.compile("\\{(.*?)\\}((?: \\|~ " + QUOTED + "| !~ " + QUOTED + ")*)");
        private static final Pattern LABEL = Pattern.compile("(\\w+)(=~|=)" + QUOTED + "(?:, |$)");
        private static final Pattern FILTER = Pattern.compile(" (\\|~|!~) " + QUOTED);

        static Selector parse(String selector) {
            Matcher form = FORM.matcher(selector);
            if (!form.matches()) {
                throw new IllegalArgumentException("Unknown kind of selector " + selector);
            }
            List<Predicate<Entry>> conditions = new ArrayList<>();
            for (MatchResult label : all(LABEL, form.group(1))) {
                String name = label.group(1);
                Pattern value =
                        label.group(2).equals("=")
                                ? Pattern.compile(unquote(label.group(3)), Pattern.LITERAL)
                                : regex(unquote(label.group(3)));
                conditions.add(e -> value.matcher(e.labels.getOrDefault(name, "")).matches());
            }
            for (MatchResult filter : all(FILTER, form.group(2))) {
                Pattern pattern = regex(unquote(filter.group(2)));
                boolean wanted = filter.group(1).equals("|~");
                conditions.add(e -> pattern.matcher(e.line).find() == wanted);
            }
            return new Selector(conditions);
        }

        boolean matches(Entry entry) {
            return conditions.stream().allMatch(condition -> condition.test(entry));
        }

        private static List<MatchResult> all(Pattern pattern, String text) {
            List<MatchResult> all = pattern.matcher(text).results().toList();
            int length = all.stream().mapToInt(match -> match.group().length()).sum();
            if (length < text.length()) {
                throw new IllegalArgumentException("Unknown part of a selector in " + text);
            }
            return all;
        }

        private static String unquote(String text) {
            return text.replaceAll("\\\\(.)", "$1");
        }
    }

    /**
     * As -config.expand-env does with no variable set: two dollar signs are one, and a backslash,
     * which it eats, is refused.
     */
    private static String expandEnvironment(String file) {
        if (file.contains("\\")) {
            throw new IllegalArgumentException("Unknown use of a backslash");
        }
        return file.replaceAll("\\$\\{\\w+\\}", "").replace("$$", "$");
    }
}
