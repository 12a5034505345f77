"""The drawing of a card, whose library loads slowly: not before a card is drawn."""

from bot.threads.cards.words import Card, CardWords


def draw(words: CardWords) -> Card:
    """Return the picture with these words."""
    from bot.threads.cards.drawing import draw as with_pillow

    return with_pillow(words)
