package dev.playground.monitoring.incidents;

import dev.playground.monitoring.faults.JsonBody;
import dev.playground.monitoring.faults.JsonRequest;
import io.micronaut.context.annotation.Requires;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.serde.annotation.Serdeable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** {@code /incidents}: faults that a learner has to find. */
@Controller("/incidents")
@Requires(beans = Incidents.class)
final class IncidentsController {
    private static final String LEVEL = "level";
    private static final String SEED = "seed";

    /** What each field of a new incident accepts. */
    private static final Map<String, String> EXPECTED = new LinkedHashMap<>();

    static {
        EXPECTED.put(LEVEL, "a whole number from 1 to " + Scenario.LEVELS);
        EXPECTED.put(SEED, "a whole number of 64 bits");
    }

    private final Incidents incidents;

    IncidentsController(Incidents incidents) {
        this.incidents = incidents;
    }

    @Get
    List<Incident.State> list(HttpRequest<?> request) {
        JsonRequest.rejectCrossSite(request);
        return incidents.list();
    }

    @Post(consumes = MediaType.ALL)
    CompletionStage<HttpResponse<Incident.State>> create(ServerHttpRequest<?> request) {
        return JsonRequest.read(
                request,
                json -> {
                    JsonBody body = JsonBody.read(json, EXPECTED);
                    int level = body.require(LEVEL, IncidentsController::level);
                    Long seed = body.get(SEED, JsonBody::whole, null);
                    return HttpResponse.created(incidents.create(level, seed));
                });
    }

    @Get("/{id}")
    Incident.State get(HttpRequest<?> request, String id) {
        JsonRequest.rejectCrossSite(request);
        return incidents.get(id);
    }

    @Delete("/{id}")
    Incident.State delete(HttpRequest<?> request, String id) {
        JsonRequest.rejectCrossSite(request);
        return incidents.delete(id);
    }

    @Post(uri = "/{id}/answer", consumes = MediaType.ALL)
    CompletionStage<GradedAnswer> answer(ServerHttpRequest<?> request, String id) {
        return JsonRequest.read(request, json -> incidents.answer(id, Answer.read(json)));
    }

    /** The response does not depend on the causes. */
    @Post(uri = "/{id}/fix", consumes = MediaType.ALL)
    CompletionStage<Applied> fix(ServerHttpRequest<?> request, String id) {
        return JsonRequest.read(
                request,
                json -> {
                    incidents.fix(id, Answer.readFix(json));
                    return Applied.INSTANCE;
                });
    }

    @Nullable
    private static Integer level(JsonNode node) {
        Long level = JsonBody.whole(node);
        return level == null || level < 1 || level > Scenario.LEVELS ? null : level.intValue();
    }

    @Serdeable
    record Applied(String message) {
        static final Applied INSTANCE =
                new Applied(
                        "The fix is applied. Send at least %d calls.".formatted(Recovery.CALLS));
    }
}
