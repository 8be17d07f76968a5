// Lists that are whole on their page are sorted by a click on a column's title, once more for the other direction.
// A list of several pages has links in its titles instead, so that the server sorts it, or cannot be sorted (`data-part`).
// On a narrow screen the rows of `.stack` are cards without titles (phone.css).
const KINDS = window.matchMedia("(max-width: 800px)").matches ? ".compact" : ":is(.stack, .compact)";
const SORTABLE = `main table${KINDS}:not([data-part]):has(thead):not(:has(th a))`;
const NUMBER_PARTS = new Intl.NumberFormat(document.documentElement.lang).formatToParts(1.5);
const DECIMAL = NUMBER_PARTS.find(({ type }) => type === "decimal").value;
const TEXTS = new Intl.Collator(document.documentElement.lang, { numeric: true });

// `data-sort` is a day or an instant as ISO 8601; a number is read as the page writes it. Nothing sorts last.
const sort_key = (cell) => {
	if (cell.dataset.sort !== undefined) return cell.dataset.sort;
	const text = cell.textContent.trim();
	if (!text || !cell.classList.contains("number")) return text;
	const digits = [...text].filter((sign) => /\d/.test(sign) || sign === DECIMAL).join("");
	const size = Number(digits.replace(DECIMAL, "."));
	return /[-\u2212]/.test(text) ? -size : size;
};

const compare_keys = (one, other) =>
	typeof one === "number" && typeof other === "number" ? one - other : TEXTS.compare(String(one), String(other));

const sort_table = (table, column, descending) => {
	const body = table.tBodies[0];
	const keyed = [...body.rows].map((row) => ({ row, key: sort_key(row.cells[column]) }));
	const known = keyed.filter(({ key }) => key !== "");
	known.sort((one, other) => compare_keys(one.key, other.key) * (descending ? -1 : 1));
	body.append(...known.map(({ row }) => row), ...keyed.filter(({ key }) => key === "").map(({ row }) => row));
	[...table.tHead.rows[0].cells].forEach((head, at) => {
		if (at === column) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
		else head.removeAttribute("aria-sort");
	});
};

const make_sortable = (table) =>
	[...table.tHead.rows[0].cells].forEach((head, column) => {
		if (!head.textContent.trim() || head.querySelector("button, .visually-hidden")) return;
		const button = document.createElement("button");
		button.type = "button";
		button.className = "sort";
		button.append(...head.childNodes);
		button.addEventListener("click", () => sort_table(table, column, head.getAttribute("aria-sort") === "ascending"));
		head.append(button);
	});

const make_all_sortable = () =>
	[...document.querySelectorAll(SORTABLE)].filter(({ tBodies }) => tBodies[0].rows.length > 1).forEach(make_sortable);

make_all_sortable();
// A page that refreshes itself puts a new content in its place.
new MutationObserver(make_all_sortable).observe(document.querySelector(".frame"), { childList: true });
