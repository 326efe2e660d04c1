// Texts to try the page on. Places, people and events are made up.

export const QUOTE =
  "We regret that our neighbours have chosen insult over argument, and we shall answer this " +
  "shameless slander at a time of our own choosing.";

export const ARTICLE = `Norland and Castria trade barbs over closed strait

Norland's foreign minister, Ida Solberg, accused Castria on Tuesday of “strangling an entire coast” after its navy turned back eleven grain ships in the Merrow Strait.

“This blockade is a shameless act of piracy, and those who ordered it will pay a price,” Solberg told reporters in Varnholm. “We have been patient. We are not patient any more.”

“We deeply regret the minister's choice of words,” replied Castria's deputy premier, Anton Keller. “My Government has the honour to recall that the inspections are conducted in full conformity with the Convention of 1974.”

Asked whether talks were still possible, Keller said: “Our door remains open, and we would be grateful for a constructive answer.”

“Mr Keller tells us that ‘the door remains open’,” Solberg retorted late in the evening. “It is a door with a gun behind it.”

The so-called “Merrow arrangement”, under which ships of both countries pass unchecked, lapsed in March.

In parliament the tone was rougher. “Come on, these clowns couldn't run a bathtub,” said Ruben Aske, who leads the opposition in Varnholm. “Who do they think they're kidding?”

The Maritime Council urged both governments to “exercise the utmost restraint”.
`;
