package dev.playground.monitoring.config;

import io.micronaut.core.convert.ConversionContext;
import io.micronaut.core.convert.ConversionService;
import io.micronaut.core.convert.TypeConverter;
import io.micronaut.core.type.Argument;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A list from text that commas separate. Micronaut's own converter ({@code
 * DefaultMutableConversionService}) keeps the blanks around an item and skips empty items.
 */
@Singleton
@SuppressWarnings("rawtypes") // TypeConverter takes a class, which has no type arguments
final class ListConverter implements TypeConverter<String, List> {
    private final ConversionService conversions;

    ListConverter(ConversionService conversions) {
        this.conversions = conversions;
    }

    @Override
    public Optional<List> convert(String text, Class<List> type, ConversionContext context) {
        Argument<?> itemType = context.getFirstTypeVariable().orElse(Argument.STRING);
        List<Object> items = new ArrayList<>();
        // The limit keeps empty items at the end.
        for (String item : text.split(",", -1)) {
            Optional<?> converted =
                    item.isBlank()
                            ? Optional.empty()
                            : conversions.convert(item.strip(), context.with(itemType));
            if (converted.isEmpty()) {
                context.reject(text, new IllegalArgumentException("Invalid item: " + item));
                return Optional.empty();
            }
            items.add(converted.get());
        }
        return Optional.of(items);
    }
}
