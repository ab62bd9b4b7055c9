package dev.playground.monitoring.exercises;

import dev.playground.monitoring.faults.JsonBody;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.json.tree.JsonNode;
import java.util.Map;

/** A body with one field, a whole number. Both bounds are valid. */
record CountBody(String field, int min, int max) {
    /**
     * @throws dev.playground.monitoring.faults.InvalidRequestException with status 400
     */
    int read(byte[] json) {
        String expected = "a whole number from %d to %d".formatted(min, max);
        return JsonBody.read(json, Map.of(field, expected)).require(field, this::value);
    }

    @Nullable
    private Integer value(JsonNode node) {
        Long value = JsonBody.whole(node);
        return value == null || value < min || value > max ? null : value.intValue();
    }
}
