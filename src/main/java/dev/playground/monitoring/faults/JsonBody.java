package dev.playground.monitoring.faults;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpStatus;
import io.micronaut.jackson.core.tree.JsonNodeTreeCodec;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Function;

/** The JSON object of a request. Each error names the field and what it accepts. */
public final class JsonBody {
    private static final String BODY = "body";

    /** In characters. */
    private static final int MAX_TEXT = 100;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    // An error message has any text of the client, also unpaired surrogates.
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(5).build())
                    .build();

    private final Map<String, String> expected;
    private final String fields;
    private final JsonNode body;

    private JsonBody(byte[] json, Map<String, String> expected) {
        this.expected = expected;
        this.fields = "an object with some of the fields " + String.join(", ", expected.keySet());
        this.body = parse(json);
    }

    /**
     * @param expected what each field accepts, for error messages
     * @throws InvalidRequestException with status 400: no object, or an unknown or duplicate field
     */
    public static JsonBody read(byte[] json, Map<String, String> expected) {
        JsonBody read = new JsonBody(json, expected);
        read.rejectUnknownFields();
        return read;
    }

    /**
     * The value of a field.
     *
     * @param type returns null for a node that is invalid
     * @throws InvalidRequestException with status 400
     */
    public <T> T get(String name, Function<JsonNode, T> type, @Nullable T absent) {
        JsonNode node = body.get(name);
        if (node == null) {
            return absent;
        }
        T value = type.apply(node);
        if (value == null) {
            throw invalid(name, node, expected.get(name));
        }
        return value;
    }

    /** As {@link #get}, of a field that the body must have. */
    public <T> T require(String name, Function<JsonNode, T> type) {
        T value = get(name, type, null);
        if (value == null) {
            throw invalid(name, "missing", expected.get(name));
        }
        return value;
    }

    /** A whole number of 64 bits, or null. */
    @Nullable
    public static Long whole(JsonNode node) {
        return node.isNumber()
                        && (node.getNumberValue() instanceof Integer
                                || node.getNumberValue() instanceof Long)
                ? node.getLongValue()
                : null;
    }

    /** JSON in ASCII. */
    public static String text(JsonNode node) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(text)) {
            JsonNodeTreeCodec.getInstance().writeTree(generator, node);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** The problem of a parameter or a header. */
    public static String invalidValue(String value) {
        return "invalid value " + shortened(quoted(value));
    }

    InvalidRequestException invalid(String problem, String expectedFields) {
        return invalid(BODY, problem, expectedFields);
    }

    private JsonNode parse(byte[] json) {
        try (JsonParser parser = JSON.createParser(json)) {
            try {
                if (parser.nextToken() == null) {
                    throw invalid(BODY, "empty", fields);
                }
                JsonNode object = JsonNodeTreeCodec.getInstance().readTree(parser);
                if (!object.isObject()) {
                    throw invalid(BODY, object, fields);
                }
                if (parser.nextToken() != null) {
                    throw unreadable(parser, "more than one value");
                }
                return object;
            } catch (StreamConstraintsException e) {
                throw unreadable(parser, "too deep or too long JSON");
            } catch (IOException e) {
                boolean duplicate = e.getMessage().startsWith("Duplicate field");
                throw unreadable(parser, duplicate ? "duplicate field" : "invalid JSON");
            }
        } catch (IOException e) {
            throw invalid(BODY, "invalid JSON", fields);
        }
    }

    /** Names the field of the body in which the parser stopped. */
    private InvalidRequestException unreadable(JsonParser parser, String problem) {
        JsonStreamContext field = parser.getParsingContext();
        while (field.getParent() != null && !field.getParent().inRoot()) {
            field = field.getParent();
        }
        String name = field.getCurrentName();
        int column = parser.currentLocation().getColumnNr();
        boolean known = name != null && expected.containsKey(name);
        return invalid(
                known ? name : BODY,
                "%s at line %d, column %d"
                        .formatted(problem, parser.currentLocation().getLineNr(), column),
                known ? expected.get(name) : fields);
    }

    private void rejectUnknownFields() {
        for (Map.Entry<String, JsonNode> field : body.entries()) {
            if (!expected.containsKey(field.getKey())) {
                String name = quoted(field.getKey());
                if (field.getKey().isBlank()) {
                    throw invalid(BODY, "unknown field " + shortened(name), fields);
                }
                throw invalid(
                        shortened(name.substring(1, name.length() - 1)), "unknown field", fields);
            }
        }
    }

    private static InvalidRequestException invalid(String name, JsonNode value, String expected) {
        return invalid(name, "invalid value " + shortened(text(value)), expected);
    }

    private static InvalidRequestException invalid(String name, String problem, String expected) {
        return new InvalidRequestException(HttpStatus.BAD_REQUEST, name, problem, expected);
    }

    private static String quoted(String text) {
        return text(JsonNode.createStringNode(text));
    }

    private static String shortened(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "...";
    }
}
