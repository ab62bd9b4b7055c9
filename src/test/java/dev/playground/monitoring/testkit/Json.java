package dev.playground.monitoring.testkit;

import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads JSON; what is absent is empty. */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.createDefault();

    private Json() {}

    /**
     * @throws UncheckedIOException if it is not JSON
     */
    public static JsonNode parse(String text) {
        try {
            return MAPPER.readValue(text, Argument.of(JsonNode.class));
        } catch (IOException e) {
            throw new UncheckedIOException(text, e);
        }
    }

    public static String text(JsonNode node) {
        try {
            return new String(MAPPER.writeValueAsBytes(node), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Steps into objects, by one key after the other; an empty object when one is absent. */
    public static JsonNode at(JsonNode node, String... keys) {
        JsonNode at = node;
        for (String key : keys) {
            at = at.get(key);
            if (at == null) {
                return JsonNode.createObjectNode(Map.of());
            }
        }
        return at;
    }

    public static String string(JsonNode node, String... keys) {
        JsonNode at = at(node, keys);
        return at.isString() ? at.getStringValue() : "";
    }

    public static int number(JsonNode node, String... keys) {
        return at(node, keys).getIntValue();
    }

    public static List<JsonNode> list(JsonNode node, String... keys) {
        List<JsonNode> list = new ArrayList<>();
        JsonNode at = at(node, keys);
        if (at.isArray()) {
            at.values().forEach(list::add);
        }
        return list;
    }

    /** Each string anywhere below. */
    public static List<String> strings(JsonNode node) {
        List<String> strings = new ArrayList<>();
        if (node.isString()) {
            strings.add(node.getStringValue());
        } else if (node.isContainerNode()) {
            node.values().forEach(value -> strings.addAll(strings(value)));
        }
        return strings;
    }
}
